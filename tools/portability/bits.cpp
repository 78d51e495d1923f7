// Prints a hash of the results of every function, for comparing one compiler's or processor's with
// another's: bits INPUTS [INSTRUCTION_SET]
//
// It runs the loops that NumPy runs, on inputs of all exponents, in float16, bfloat16, float32 and
// float64: value, derivative and backward, with parameters that are fixed, that are 1, for which
// some functions have kernels of their own, and that vary, but not those of gates. The first line
// names the set.
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "../../kernels/dispatch/dispatch.hpp"

static_assert(std::endian::native == std::endian::little);

namespace {

using namespace nonlin;

constexpr int sizes[] = {2, 4, 8, 2};
constexpr int exponent_bits[] = {5, 8, 11, 8};
constexpr const char* precision_names[] = {"float16", "float32", "float64", "bfloat16"};
constexpr const char* kind_names[] = {"value", "derivative", "backward"};

enum Parameters { fixed, ones, varying, ways };
constexpr const char* way_names[] = {"fixed", "ones", "varying"};
constexpr double different[most_parameters] = {0.75, 0.5, 1.25, 1.5};

std::int64_t count;

// splitmix64 (Steele, Lea, Flood 2014).
std::uint64_t next(std::uint64_t& state) {
    std::uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

using Bytes = std::vector<char>;

void append(Bytes& bytes, std::uint64_t pattern, int size) {
    char room[8];
    std::memcpy(room, &pattern, sizeof room);
    bytes.insert(bytes.end(), room, room + size);
}

// Random bits are random numbers of all exponents, and now and then an infinity or NaN. In every
// other number the exponent's second bit is made unlike its first, which brings it near 1.
Bytes random_numbers(int size, std::uint64_t seed) {
    Bytes bytes;
    for (std::int64_t i = 0; i < count; ++i) {
        std::uint64_t bits = next(seed);
        if (i & 1) {
            const std::uint64_t first = bits >> 62 & 1, field = first ? 0 : 0x3e;
            bits = (bits & ~(0x3full << 56)) | field << 56 | (bits & 3ull << 56);
        }
        append(bytes, bits >> 8 * (8 - size), size);
    }
    return bytes;
}

// A positive number that each precision holds.
std::uint64_t pattern_of(double x, int precision) {
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const int fraction = 8 * sizes[precision] - 1 - exponent_bits[precision];
    const std::uint64_t bias = (1 << (exponent_bits[precision] - 1)) - 1;
    const std::uint64_t exponent = (bits >> 52) - 1023 + bias;
    return exponent << fraction | (bits & ((1ull << 52) - 1)) >> (52 - fraction);
}

Bytes parameter(int k, int precision) {
    Bytes bytes;
    for (std::int64_t i = 0; i < count; ++i) {
        const double x = i % 3 == 0 ? 1 : different[(k + i) % most_parameters];
        append(bytes, pattern_of(x, precision), sizes[precision]);
    }
    return bytes;
}

bool is_nan(std::uint64_t bits, int precision) {
    const int size = sizes[precision], fraction = 8 * size - 1 - exponent_bits[precision];
    const std::uint64_t infinity = ((1ull << exponent_bits[precision]) - 1) << fraction;
    return (bits & ~(1ull << (8 * size - 1))) > infinity;
}

// FNV-1a. A NaN's sign and payload are the processor's own affair and count as one.
std::uint64_t hash(const Bytes& bytes, int precision) {
    std::uint64_t h = 0xcbf29ce484222325;
    const std::size_t size = sizes[precision];
    for (std::size_t i = 0; i < bytes.size(); i += size) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &bytes[i], size);
        const bool nan = is_nan(bits, precision);
        for (std::size_t k = 0; k < size; ++k)
            h = (h ^ (nan ? 0xff : std::uint8_t(bytes[i + k]))) * 0x100000001b3;
    }
    return h;
}

// What a loop makes of so many inputs and of parameters that vary, as `outputs` arrays in one.
Bytes results(Loop loop, const Bound& bound, std::vector<Bytes> operands, int outputs, int size) {
    std::vector<char*> places;
    for (Bytes& operand : operands) places.push_back(operand.data());
    Bytes found(outputs * count * size);
    for (int k = 0; k < outputs; ++k) places.push_back(found.data() + k * count * size);
    const std::vector<std::intptr_t> strides(places.size(), size);
    const std::intptr_t length = count;
    loop(places.data(), &length, strides.data(), const_cast<Bound*>(&bound));
    return found;
}

void print(const char* name, int kind, int precision, int way, const Bytes& found) {
    std::printf("%s %s %s %s %016llx\n", name, kind_names[kind], precision_names[precision],
                way_names[way], (unsigned long long)hash(found, precision));
}

void print(const Table& table, const Gate& gate, int kind, int precision, int way) {
    const int size = sizes[precision];
    Bound bound = {nullptr, Kind(kind), {}, false, &gate};
    for (int k = 0; k < most_parameters; ++k) bound.parameters[k] = way == ones ? 1 : different[k];
    std::vector<Bytes> operands;
    for (int k = 0; k < gate_inputs[kind]; ++k) operands.push_back(random_numbers(size, 1 + k));
    print(gate.name, kind, precision, way,
          results(table.gate[precision], bound, operands, gate_outputs[kind], size));
}

void print(const Table& table, const Function& function, int kind, int precision, int way) {
    const int size = sizes[precision];
    Bound bound = {&function, Kind(kind), {}, false};
    for (int k = 0; k < most_parameters; ++k) bound.parameters[k] = way == ones ? 1 : different[k];
    std::vector<Bytes> operands = {random_numbers(size, 1)};
    if (kind == backward) operands.push_back(random_numbers(size, 2));
    for (int k = 0; way == varying && k < function.parameters; ++k)
        operands.push_back(parameter(k, precision));
    const Loop loop = (way == varying ? table.given : table.bound)[precision];
    print(function.name, kind, precision, way, results(loop, bound, operands, 1, size));
}

}  // namespace

int main(int arguments, char** argument) {
    const Table* const table = choose(arguments > 2 ? argument[2] : nullptr);
    count = arguments > 1 ? std::atoll(argument[1]) : 0;
    if (table == nullptr || count <= 0) {
        std::fprintf(stderr, "bits INPUTS [INSTRUCTION_SET]\n");
        return 2;
    }
    std::printf("instruction_set %s\n", table->instruction_set);
    each_function(*table, [&](const Function& function) {
        for (int kind = 0; kind < kinds; ++kind)
            for (int precision = 0; precision < precisions; ++precision)
                for (int way = 0; way < (function.parameters > 0 ? ways : 1); ++way)
                    print(*table, function, kind, precision, way);
    });
    each_gate(*table, [&](const Gate& gate) {
        for (int kind = 0; kind < kinds; ++kind)
            for (int precision = 0; precision < precisions; ++precision)
                for (int way = 0; way < (gate.parameters > 0 ? varying : 1); ++way)
                    print(*table, gate, kind, precision, way);
    });
}
