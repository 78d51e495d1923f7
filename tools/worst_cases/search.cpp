// Searches float64 for inputs at which exp, expm1, tanh or sigmoid lies next to the middle between
// two numbers. search FUNCTION RUNS prints a line an input: x, and the logarithm to base 2 of
// the distance from the middle in units in the last place.
//
// On so short a run of consecutive numbers x + i u that the curve departs from its tangent by less
// than 2^-22 units in the last place, the result in units is a + b i, and what is searched for is
// an i with (a + b i) mod 1 near 1/2. The first such i comes out of Euclid's algorithm on b and 1,
// in as many steps as a quotient of that size has (Lefevre 1998 searches so, too). What it finds
// within 2^-20 is computed with 113 digits. Runs start at places drawn with a fixed seed, in each
// binade and on either side of 0 alike.
#include <quadmath.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using quad = __float128;
using std::int64_t, std::uint64_t;

struct Function {
    const char* name;
    quad (*exact)(quad);
    // The first and second derivative, for whom a double's digits are enough.
    long double (*slope)(long double);
    double (*curvature)(double);
    // Binades of |x| from 2^first to 2^(last + 1), less what lies beyond `most`.
    int first, last;
    double least, most;
};

quad sigmoid(quad x) { return 1 / (1 + expq(-x)); }
long double sigmoid_slope(long double x) {
    const long double t = expl(-fabsl(x));
    return t / ((1 + t) * (1 + t));
}
long double tanh_slope(long double x) { return 4 * sigmoid_slope(2 * x); }
double exp_curvature(double x) { return std::exp(x); }
double bell_curvature(double x) { return double(sigmoid_slope(x)); }
double tanh_curvature(double x) { return 2 * double(tanh_slope(x)); }

const Function functions[] = {
    {"exp", expq, expl, exp_curvature, -12, 9, -708, 709},
    {"expm1", expm1q, expl, exp_curvature, -12, 9, -37, 709},
    {"tanh", tanhq, tanh_slope, tanh_curvature, -12, 4, -19, 19},
    {"sigmoid", sigmoid, sigmoid_slope, bell_curvature, -12, 9, -708, 36},
};

// Fractions of one unit are integers modulo 2^62.
constexpr int64_t one = int64_t(1) << 62;

// The least i >= 0 with low <= (step i) mod modulus <= high, 0 < low <= high < modulus, or -1.
int64_t first(int64_t step, int64_t modulus, int64_t low, int64_t high) {
    if (low <= 0) return 0;
    if (step == 0) return -1;
    if (step > modulus - step) {
        step = modulus - step;
        std::swap(low, high);
        low = modulus - low, high = modulus - high;
    }
    const int64_t i = (low + step - 1) / step;
    if (i * (__int128)step <= high) return i;
    // step i - modulus j lies in [low, high]: what modulus j is modulo step says which j.
    const int64_t least = (step - high % step) % step, most = (step - low % step) % step;
    const int64_t j = first(modulus % step, step, least, most);
    if (j < 0) return -1;
    const __int128 reached = (__int128)modulus * j + low;
    const __int128 found = (reached + step - 1) / step;
    return found > INT64_MAX ? -1 : int64_t(found);
}

uint64_t state;
// splitmix64 (Steele, Lea, Flood 2014).
uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

// The exponent of the unit in the last place.
int unit_of(quad y) {
    int e;
    frexpq(y, &e);
    return std::max(e - 53, -1074);
}

int64_t fraction(quad units) {
    const quad part = units - floorq(units);
    return int64_t(scalbnq(part, 62)) & (one - 1);
}

struct Found {
    double x, distance;
};

double distance(const Function& f, double x) {
    const quad y = f.exact(x), units = scalbnq(y, -unit_of(y));
    return double(fabsq(units - floorq(units) - 0.5Q));
}

void search(const Function& f, double start, double step, std::vector<Found>& found) {
    constexpr int64_t near = one >> 20;
    const quad y = f.exact(start);
    const int unit = unit_of(y);
    const double bend = std::fabs(f.curvature(start)) / 2 * step * step * std::ldexp(1, -unit);
    const auto count = int64_t(std::min(0x1p-10 / std::sqrt(bend), 0x1p20));
    if (count < 16) return;
    const double middle = start + step * double(count / 2);
    const quad slope = scalbnq(quad(f.slope(middle)) * step, -unit);
    const quad at = scalbnq(f.exact(middle), -unit) - slope * (count / 2);
    const int64_t b = fraction(slope), a = fraction(at - 0.5Q + scalbnq(near, -62));
    // Where a + b i, moved by `near`, is below twice that.
    for (int64_t i = 0; i < count; ++i) {
        const int64_t here = int64_t((a + (__int128)b * i) & (one - 1));
        if (here > 2 * near) {
            const int64_t more = first(b, one, one - here, one - here + 2 * near);
            if (more < 0 || i + more >= count) return;
            i += more;
        }
        const double x = start + step * double(i);
        found.push_back({x, distance(f, x)});
    }
}

}  // namespace

int main(int count, char** arguments) {
    constexpr int kept = 8;
    if (count != 3) return 2;
    const long runs = std::atol(arguments[2]);
    for (const Function& f : functions) {
        if (std::string(arguments[1]) != f.name) continue;
        for (int e = f.first; e <= f.last; ++e) {
            for (int sign = -1; sign <= 1; sign += 2) {
                // A place does not depend on how many there are in another binade.
                state = uint64_t(e + 100) * 2 + (sign > 0);
                std::vector<Found> found;
                for (long run = 0; run < runs; ++run) {
                    const double place = 1 + double(next() >> 12) * 0x1p-52;
                    const double start = sign * std::ldexp(place, e);
                    if (start < f.least || start > f.most) continue;
                    search(f, start, sign * std::ldexp(1, e - 52), found);
                }
                std::sort(found.begin(), found.end(),
                          [](auto& p, auto& q) { return p.distance < q.distance; });
                for (std::size_t k = 0; k < std::min<std::size_t>(kept, found.size()); ++k)
                    std::printf("%a %.2f\n", found[k].x, std::log2(found[k].distance));
            }
        }
    }
}
