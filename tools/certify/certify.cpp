// certify STATE_FILE [--double SAMPLES] [--stride K] [--only NAME]
//
// Measures every kernel over all float32 inputs (or every K-th), or over SAMPLES float64 inputs of
// uniformly distributed bit patterns within the exponents that matter. Each finished chunk is a
// line of STATE_FILE, so an interrupted run goes on where it stopped; the summary goes to standard
// output as JSON.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "measure.hpp"

namespace certify {

constexpr std::uint64_t chunk_size = 1 << 24;
constexpr std::size_t block_size = 4096;

struct Options {
    std::string state, only;
    std::uint64_t samples = 0, stride = 1;
};

// The i-th input of a chunk.
template <class T> struct Inputs;

template <> struct Inputs<float> {
    std::uint64_t position, stride;
    Inputs(std::uint64_t chunk, const Options& o)
        : position(chunk * chunk_size * o.stride), stride(o.stride) {}
    float next() {
        const auto bits = std::uint32_t(position);
        position += stride;
        float x;
        std::memcpy(&x, &bits, sizeof x);
        return x;
    }
};

// Half of the inputs are spread evenly over [-50, 50], half over all exponents from 2^-80 to 2^10.
template <> struct Inputs<double> {
    std::mt19937_64 random;
    Inputs(std::uint64_t chunk, const Options&) : random(chunk + 1) {}
    double next() {
        const std::uint64_t bits = random();
        const double fraction = double(std::int64_t(bits)) * 0x1p-63;
        if (bits & 1) return 50 * fraction;
        return std::ldexp(fraction < 0 ? fraction - 1 : fraction + 1,
                          int(bits >> 1 & 127) % 91 - 81);
    }
};

template <class T> const Kernel<T>& kernel_of(const Case& c);
template <> const Kernel<float>& kernel_of<float>(const Case& c) { return c.single_kernel; }
template <> const Kernel<double>& kernel_of<double>(const Case& c) { return c.double_kernel; }

template <class T> Tally measured(const Case& c, std::uint64_t chunk, const Options& options) {
    Tally tally;
    Inputs<T> inputs(chunk, options);
    T x[block_size], result[block_size];
    const std::uint64_t count =
        options.samples ? std::min(chunk_size, options.samples) : chunk_size;
    for (std::uint64_t done = 0; done < count; done += block_size) {
        for (T& input : x) input = inputs.next();
        kernel_of<T>(c)(x, result, block_size);
        for (std::size_t i = 0; i < block_size; ++i) measure(c, x[i], result[i], tally);
    }
    return tally;
}

using Key = std::pair<std::string, std::uint64_t>;
using Finished = std::map<Key, Tally>;

Finished read_state(const std::string& path) {
    Finished finished;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        std::istringstream fields(line);
        Key key;
        Tally t;
        std::string largest, where;
        if (fields >> key.first >> key.second >> t.inputs >> t.misrounded >> t.wrong_specials >>
            largest >> where) {
            t.largest = std::strtod(largest.c_str(), nullptr);
            t.where = std::strtod(where.c_str(), nullptr);
            finished[key] = t;
        }
    }
    return finished;
}

std::string line(const Key& key, const Tally& t) {
    char text[256];
    std::snprintf(text, sizeof text, "%s %llu %llu %llu %llu %a %a\n", key.first.c_str(),
                  (unsigned long long)key.second, (unsigned long long)t.inputs,
                  (unsigned long long)t.misrounded, (unsigned long long)t.wrong_specials, t.largest,
                  t.where);
    return text;
}

void run(const Options& options) {
    const auto all = cases();
    const std::uint64_t chunks =
        options.samples ? (options.samples + chunk_size - 1) / chunk_size : 256 / options.stride;
    Finished finished = read_state(options.state);
    std::vector<std::pair<const Case*, std::uint64_t>> work;
    for (const auto& c : all)
        for (std::uint64_t chunk = 0; chunk < chunks; ++chunk)
            if (c.name.find(options.only) == 0 && !finished.contains({c.name, chunk}))
                work.push_back({&c, chunk});

    std::ofstream state(options.state, std::ios::app);
    std::mutex writing;
    std::atomic<std::size_t> next = 0;
    const auto worker = [&] {
        for (std::size_t i; (i = next++) < work.size();) {
            const auto [c, chunk] = work[i];
            const Tally t = options.samples ? measured<double>(*c, chunk, options)
                                            : measured<float>(*c, chunk, options);
            const std::lock_guard lock(writing);
            finished[{c->name, chunk}] = t;
            state << line({c->name, chunk}, t) << std::flush;
            std::fprintf(stderr, "\r%zu of %zu chunks", i + 1, work.size());
        }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
        threads.emplace_back(worker);
    for (auto& thread : threads) thread.join();
    std::fprintf(stderr, "\n");

    const char* separator = "[\n";
    for (const auto& c : all) {
        Tally total;
        for (const auto& [key, tally] : finished)
            if (key.first == c.name) total.add(tally);
        if (total.inputs == 0) continue;
        std::printf(
            "%s {\"function\": \"%s\", \"inputs\": %llu, \"largest_ulp\": %.4f, \"where\": %.17g, "
            "\"misrounded\": %llu, \"wrong_specials\": %llu}",
            separator, c.name.c_str(), (unsigned long long)total.inputs, total.largest, total.where,
            (unsigned long long)total.misrounded, (unsigned long long)total.wrong_specials);
        separator = ",\n";
    }
    std::printf("\n]\n");
}

}  // namespace certify

int main(int count, char** values) {
    certify::Options options;
    for (int i = 1; i < count; ++i) {
        const std::string value = values[i];
        if (value == "--double" && i + 1 < count)
            options.samples = std::strtoull(values[++i], nullptr, 10);
        else if (value == "--stride" && i + 1 < count)
            options.stride = std::strtoull(values[++i], nullptr, 10);
        else if (value == "--only" && i + 1 < count)
            options.only = values[++i];
        else
            options.state = value;
    }
    if (options.state.empty()) {
        std::fprintf(stderr,
                     "usage: certify STATE_FILE [--double SAMPLES] [--stride K] [--only NAME]\n");
        return 2;
    }
    certify::run(options);
}
