// Waking a thread that sleeps takes some 50 microseconds, in which a cheap kernel has done 2^19
// elements. So a thread that has just worked looks out for more before it sleeps, and the caller
// does not wait for threads that have not come: the elements are handed out in pieces, and a thread
// that wakes late finds fewer left, or none.
#include "pool.hpp"

#if !defined(_WIN32)
#include <pthread.h>
#include <signal.h>
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace nonlin {
namespace {

using std::intptr_t;

// How long a thread without work looks out before it sleeps: longer than Python takes from one call
// to the next, shorter than anybody notices.
constexpr std::chrono::microseconds patience{200};

void pause() {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// Returns when `place` is no longer `value`.
template <class T> void await_change(const std::atomic<T>& place, T value) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < until) {
        for (int i = 0; i < 16; ++i) {
            if (place.load(std::memory_order_acquire) != value) return;
            pause();
        }
    }
    while (place.load(std::memory_order_acquire) == value) place.wait(value);
}

#if defined(_WIN32)
struct SignalsBlocked {};
#else
// A signal is for the thread that runs Python: the others are started with all blocked but those
// that a thread's own fault raises, which no other can answer.
class SignalsBlocked {
    sigset_t previous_;

 public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS}) {
            sigdelset(&all, fault);
        }
        pthread_sigmask(SIG_SETMASK, &all, &previous_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &previous_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;
};
#endif

// The part of the elements that a thread begins with. Whoever is done with its own goes on with
// those of the others; the arrays of small jobs so stay in the cache of the same processor.
struct alignas(64) Share {
    std::atomic<intptr_t> next{0};
    intptr_t end = 0;
};

}  // namespace

class Pool::Crew {
 public:
    explicit Crew(int threads) : shares_(static_cast<std::size_t>(threads)) {
        [[maybe_unused]] const SignalsBlocked blocked{};
        try {
            while (size() < threads) workers_.emplace_back(&Crew::serve, this, size());
        } catch (const std::system_error&) {
            // The system gives no more threads. Those there are do the work.
        }
    }

    ~Crew() {
        ending_ = true;
        call_round();
        for (std::thread& worker : workers_) worker.join();
    }

    void run(intptr_t count, intptr_t piece, const Work& work) {
        if (busy_.exchange(true, std::memory_order_acquire)) return work(0, count);
        deal(count, piece);
        work_ = &work;
        piece_ = piece;
        set_open(true);
        call_round();
        take_part(0);
        set_open(false);
        while (const int inside = inside_.load(std::memory_order_acquire)) {
            await_change(inside_, inside);
        }
        busy_.store(false, std::memory_order_release);
    }

 private:
    int size() const { return static_cast<int>(workers_.size()) + 1; }

    void deal(intptr_t count, intptr_t piece) {
        const intptr_t pieces = (count + piece - 1) / piece;
        intptr_t first = 0;
        for (int k = 0; k < size(); ++k) {
            const intptr_t end = std::min(count, pieces * (k + 1) / size() * piece);
            shares_[k].next.store(first, std::memory_order_relaxed);
            shares_[k].end = first = end;
        }
    }

    void take_part(int me) {
        for (int k = 0; k < size(); ++k) {
            Share& share = shares_[(me + k) % size()];
            while (true) {
                const intptr_t first = share.next.fetch_add(piece_, std::memory_order_relaxed);
                if (first >= share.end) break;
                (*work_)(first, std::min(piece_, share.end - first));
            }
        }
    }

    void serve(int me) {
        unsigned seen = 0;
        while (true) {
            await_change(round_, seen);
            seen = round_.load(std::memory_order_acquire);
            if (ending_) return;
            if (!enter()) continue;
            take_part(me);
            if (inside_.fetch_sub(1, std::memory_order_acq_rel) == 1) inside_.notify_one();
        }
    }

    void call_round() {
        round_.fetch_add(1, std::memory_order_acq_rel);
        round_.notify_all();
    }

    // The lock orders who enters and who closes: nobody is inside a job that its caller has left.
    bool enter() {
        const std::lock_guard guard(door_);
        if (open_) inside_.fetch_add(1, std::memory_order_relaxed);
        return open_;
    }

    void set_open(bool open) {
        const std::lock_guard guard(door_);
        open_ = open;
    }

    std::vector<std::thread> workers_;
    std::vector<Share> shares_;
    const Work* work_ = nullptr;
    intptr_t piece_ = 1;
    std::mutex door_;
    bool open_ = false;
    std::atomic<bool> busy_{false}, ending_{false};
    alignas(64) std::atomic<unsigned> round_{0};
    alignas(64) std::atomic<int> inside_{0};
};

Pool::Pool(int threads) : crew_(std::make_unique<Crew>(threads)) {}

Pool::~Pool() = default;

void Pool::run(intptr_t count, intptr_t piece, const Work& work) { crew_->run(count, piece, work); }

namespace {

int wanted = 1;

// The pool, never destroyed: at the end of the process its threads may be in the middle of
// something.
alignas(std::shared_ptr<Pool>) unsigned char room[sizeof(std::shared_ptr<Pool>)];

std::shared_ptr<Pool>& current() {
    static auto* const held = new (room) std::shared_ptr<Pool>;
    return *held;
}

// The child of a fork has none of its parent's threads, for whom the pool's destructor would wait:
// it is left as it is, and another takes its place. Whoever forks, in Python or not, comes here.
[[maybe_unused]] void forget_pool() { new (&current()) std::shared_ptr<Pool>; }

#if !defined(_WIN32)
[[maybe_unused]] const int registered = pthread_atfork(nullptr, nullptr, forget_pool);
#endif

}  // namespace

int threads() { return wanted; }

void set_threads(int count) {
    wanted = count;
    current().reset();
}

std::shared_ptr<Pool> pool() {
    if (current() == nullptr) current() = std::make_shared<Pool>(wanted);
    return current();
}

}  // namespace nonlin
