// Threads that share the elements of a large array. No Python.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace nonlin {

// What is to be done to the elements first..first+count; does not throw.
using Work = std::function<void(std::intptr_t first, std::intptr_t count)>;

class Pool {
 public:
    // As many threads as the system gives, up to `threads` with the one that calls run().
    explicit Pool(int threads);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // Does `work` on the elements 0..count and returns when all of it is done. They are handed out
    // in pieces of that size, which should take longer than fetching a piece's number does. Any
    // thread may call it; while one does, the work of another is done by that one alone.
    void run(std::intptr_t count, std::intptr_t piece, const Work& work);

 private:
    class Crew;
    std::unique_ptr<Crew> crew_;
};

// The number of threads that large arrays are split over; 1 at first.
int threads();
void set_threads(int count);

// The pool of that many threads, made when it is first asked for; whoever holds it may go on with
// it when the number changes. The child of a fork makes one of its own. Neither this nor the two
// above may be called by two threads at once.
std::shared_ptr<Pool> pool();

}  // namespace nonlin
