// Prints a hash of the results of every function, for comparing one processor's with another's.
//
// It runs the loops that NumPy runs, on inputs of all exponents, in float16, bfloat16, float32 and
// float64: value, derivative and backward.
#include <cstdio>
#include <vector>

#include "dispatch.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET {
extern const Table table;
}

namespace {

using namespace nonlin;

constexpr std::intptr_t count = 1 << 18;
constexpr std::size_t sizes[] = {2, 4, 8, 2};
constexpr const char* precision_names[] = {"float16", "float32", "float64", "bfloat16"};
constexpr const char* kind_names[] = {"value", "derivative", "backward"};

// splitmix64 (Steele, Lea, Flood 2014).
std::uint64_t next(std::uint64_t& state) {
    std::uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

// Random bits are random numbers of all exponents, and now and then an infinity or NaN. In every
// other number the exponent's second bit is made unlike its first, which brings it near 1.
std::vector<char> inputs(std::size_t size, std::uint64_t seed) {
    std::vector<char> bytes(count * size);
    for (std::intptr_t i = 0; i < count; ++i) {
        std::uint64_t bits = next(seed);
        if (i & 1) {
            const std::uint64_t first = bits >> 62 & 1, field = first ? 0 : 0x3e;
            bits = (bits & ~(0x3full << 56)) | field << 56 | (bits & 3ull << 56);
        }
        // The upper bytes, in the order of the memory of both processors: little end first.
        for (std::size_t k = 0; k < size; ++k)
            bytes[i * size + k] = char(bits >> 8 * (8 - size + k));
    }
    return bytes;
}

bool is_nan(const char* x, int precision) {
    constexpr int exponent_bits[] = {5, 8, 11, 8};
    const int size = int(sizes[precision]);
    std::uint64_t bits = 0;
    for (int k = 0; k < size; ++k) bits |= std::uint64_t(std::uint8_t(x[k])) << 8 * k;
    const int fraction = 8 * size - 1 - exponent_bits[precision];
    const std::uint64_t infinity = ((1ull << exponent_bits[precision]) - 1) << fraction;
    return (bits & ~(1ull << (8 * size - 1))) > infinity;
}

// FNV-1a. A NaN's sign and payload are the processor's own affair and count as one.
std::uint64_t hash(const std::vector<char>& bytes, int precision) {
    std::uint64_t h = 0xcbf29ce484222325;
    const std::size_t size = sizes[precision];
    for (std::size_t i = 0; i < bytes.size(); i += size) {
        const bool nan = is_nan(&bytes[i], precision);
        for (std::size_t k = 0; k < size; ++k)
            h = (h ^ (nan ? 0xff : std::uint8_t(bytes[i + k]))) * 0x100000001b3;
    }
    return h;
}

void print(const Table& table, const Function& function, int kind, int precision) {
    const std::size_t size = sizes[precision];
    std::vector<char> x = inputs(size, 1), grad = inputs(size, 2), y(count * size);
    Bound bound = {&function, Kind(kind), {0.75, 0.5, 1.25}, false};
    char* forward[] = {x.data(), y.data()};
    char* backward[] = {grad.data(), x.data(), y.data()};
    const auto stride = std::intptr_t(size);
    const std::intptr_t strides[] = {stride, stride, stride};
    table.bound[precision](kind == Kind::backward ? backward : forward, &count, strides, &bound);
    std::printf("%s %s %s %016llx\n", function.name, kind_names[kind], precision_names[precision],
                (unsigned long long)hash(y, precision));
}

}  // namespace

int main() {
    const Table& table = nonlin::NONLIN_INSTRUCTION_SET::table;
    for (int i = 0; i < table.size; ++i)
        for (int kind = 0; kind < kinds; ++kind)
            for (int precision = 0; precision < precisions; ++precision)
                print(table, *table.functions[i], kind, precision);
}
