// The loops over arrays, compiled once per instruction set.
//
// The compiler vectorises `sweep`, where a kernel is not itself written for vectors. It sees
// contiguous operands and whole vectors only; what is strided, shorter than a vector or stored in
// two bytes goes through a small buffer first, and so do the first elements where a long output
// does not begin on a vector's boundary. Each element thus passes through the same instructions
// wherever it stands, so its result depends on its value alone.
#include "catalogue.hpp"
#include "dispatch.hpp"
#include "environment.hpp"
#include "operations.hpp"
#include "overlap.hpp"
#include "small.hpp"
#include "stages.hpp"
#include "stream.hpp"
#include "vectors.hpp"

#define NONLIN_TEXT_(name) #name
#define NONLIN_TEXT(name) NONLIN_TEXT_(name)

namespace nonlin::NONLIN_INSTRUCTION_SET {
namespace {

using std::intptr_t;

constexpr intptr_t vector_bytes = 64;
constexpr intptr_t block = 512;

template <class S> struct Storage {
    static constexpr bool small = false;
    using Parameter = S;
};

// A parameter bound to a function keeps a float's 24 bits: times the 11 or 8 of an element,
// products are exact in a double and so rounded once.
struct SmallStorage {
    static constexpr bool small = true;
    using Parameter = float;
};

template <> struct Storage<Half> : SmallStorage {};
template <> struct Storage<Brain> : SmallStorage {};

// Elements in memory of type M, computed with as T.
template <class M, class T = M> struct Array {
    const M* first;
    T operator[](intptr_t i) const { return first[i]; }
    Array from(intptr_t i) const { return {first + i}; }
    const void* address() const { return first; }
    NONLIN_INLINE void fetch_ahead(intptr_t start, intptr_t count) const {
        constexpr auto line = line_bytes / static_cast<intptr_t>(sizeof(M));
        for (intptr_t i = start; i < start + count; i += line)
            NONLIN_INSTRUCTION_SET::fetch_ahead(first + i);
    }
};

template <class In> constexpr bool is_array = false;
template <class M, class T> constexpr bool is_array<Array<M, T>> = true;

template <class T> struct Scalar {
    T value;
    T operator[](intptr_t) const { return value; }
    Scalar from(intptr_t) const { return *this; }
    void fetch_ahead(intptr_t, intptr_t) const {}
};

template <class T> constexpr intptr_t lanes = vector_bytes / static_cast<intptr_t>(sizeof(T));

template <class T> struct alignas(vector_bytes) Vector {
    T element[lanes<T>];
};

NONLIN_INLINE Floats vector_of(Array<float> in, intptr_t start) { return load(in.first + start); }
NONLIN_INLINE Floats vector_of(Scalar<float> in, intptr_t) { return all(in.value); }

// out[i] = of(in[i]...), `many` vectors of floats at a time, with as few entries of the tables as
// all of their elements need; the result is the same.
template <class Vectors, bool past_caches, int many, int entries = least_entries, class... In>
NONLIN_INLINE void on_vectors(float* out, In... in) {
    if constexpr (entries < Vectors::entries) {
        bool within = true;
        for (int k = 0; k < many; ++k)
            within &= Vectors::template within<entries>(vector_of(in, k * vector_size)...);
        if (!within) return on_vectors<Vectors, past_caches, many, 2 * entries>(out, in...);
    }
    Floats result[many];
    for (int k = 0; k < many; ++k)
        result[k] = Vectors::template of<entries>(vector_of(in, k * vector_size)...);
    for (int k = 0; k < many; ++k) {
        if constexpr (past_caches) {
            store_past_caches(out + k * vector_size, result[k]);
        } else {
            store(out + k * vector_size, result[k]);
        }
    }
}

// The last one, of an odd number.
template <class Vectors, class... In> [[gnu::noinline]] void on_last_vector(float* out, In... in) {
    on_vectors<Vectors, false, 1, Vectors::entries>(out, in...);
}

template <class Vectors, bool past_caches, class... In>
NONLIN_INLINE void sweep_vectors(float* out, intptr_t count, In... in) {
    constexpr intptr_t step = floats_at_once * vector_size;
    intptr_t i = 0;
    for (; i + step <= count; i += step)
        on_vectors<Vectors, past_caches, floats_at_once>(out + i, in.from(i)...);
    if (i < count) on_last_vector<Vectors>(out + i, in.from(i)...);
}

static_assert(lanes<float> % vector_size == 0 && floats_at_once == 2);

template <class Operation>
concept has_long_chains = requires { Operation::Kernel::vectors; };

// Whether the parameters do.
template <class Operation, class... In>
constexpr bool vary = (is_array<In> + ...) > Operation::inputs;

template <class Operation, class T, class... In>
[[gnu::noinline]] void sweep_quickly(T* out, intptr_t count, bool past_caches, In... in) {
    if constexpr (in_two_halves<Operation, T>) {
        in_stages<typename Operation::Stages>(out, count, past_caches, in...);
    } else if (past_caches) {
        sweep_vectors<OnFloats<Operation>, true>(out, count, in...);
    } else {
        sweep_vectors<OnFloats<Operation>, false>(out, count, in...);
    }
}

// As the compiler vectorises it. A kernel with long chains names how many vectors it takes at a
// time: the compiler interleaves them, which gains up to a third.
template <class Operation, class T, class... In>
[[gnu::noinline]] void sweep_plainly(T* out, intptr_t count, bool past_caches, In... in) {
    Vector<T> results[block / lanes<T>];
    const intptr_t step = past_caches ? block : count;
    for (intptr_t first = 0; first < count; first += step) {
        const intptr_t size = smaller(count - first, step);
        T* const target = past_caches ? results[0].element : out + first;
        if constexpr (has_long_chains<Operation> && !vary<Operation, In...>) {
            in_vectors<T, Operation::Kernel::vectors>(
                size,
                [&](intptr_t i) NONLIN_INLINE_BODY { return Operation::apply(in[first + i]...); },
                [&](intptr_t i, T result) NONLIN_INLINE_BODY { target[i] = result; });
        } else {
#pragma GCC ivdep
            for (intptr_t i = 0; i < size; ++i) target[i] = Operation::apply(in[first + i]...);
        }
        if (past_caches) write_past_caches(out + first, target, size * sizeof(T));
    }
}

// Where the quick way is for some parameters only. If they are arrays, both are gone, so that no
// result depends on its neighbours.
template <class Operation, class T, class... In>
void sweep_chosen(T* out, intptr_t count, bool past_caches, In... in) {
    using Way = Quick<Operation, T>;
    if constexpr (!vary<Operation, In...>) {
        if (count == 0) return;
        if (Way::suits(in[0]...)) return sweep_quickly<Operation>(out, count, past_caches, in...);
        sweep_plainly<Operation>(out, count, past_caches, in...);
    } else {
        alignas(vector_bytes) T quick[block], plain[block];
        for (intptr_t first = 0; first < count; first += block) {
            const intptr_t size = smaller(count - first, block);
            sweep_quickly<Operation>(quick, size, false, in.from(first)...);
            sweep_plainly<Operation>(plain, size, false, in.from(first)...);
            for (intptr_t i = 0; i < size; ++i)
                out[first + i] = Way::suits(in[first + i]...) ? quick[i] : plain[i];
        }
    }
}

// `count` is a whole number of vectors. The output may be one of the inputs, element on element: no
// iteration depends on another. What is written past the caches begins on a line.
template <class Operation, class T, class... In>
void sweep(T* out, intptr_t count, bool past_caches, In... in) {
    count &= -lanes<T>;
    if constexpr (requires { Quick<Operation, T>::suits(in[0]...); }) {
        sweep_chosen<Operation>(out, count, past_caches, in...);
    } else if constexpr (requires { sizeof(Quick<Operation, T>); }) {
        sweep_quickly<Operation>(out, count, past_caches, in...);
    } else {
        sweep_plainly<Operation>(out, count, past_caches, in...);
    }
}

// Some elements, fewer than a vector has, filled up to one.
template <class In> struct Part;

template <class M, class T> struct Part<Array<M, T>> {
    Vector<T> buffer;
    Part(Array<M, T> in, intptr_t start, intptr_t count) {
        for (intptr_t i = 0; i < lanes<T>; ++i) {
            buffer.element[i] = i < count ? in[start + i] : T(1);
        }
    }
    Array<T> operand() const { return {buffer.element}; }
};

template <class T> struct Part<Scalar<T>> {
    Scalar<T> scalar;
    Part(Scalar<T> in, intptr_t, intptr_t) : scalar(in) {}
    Scalar<T> operand() const { return scalar; }
};

template <class Operation, class T, class... In>
void sweep_part(T* out, intptr_t start, intptr_t count, In... in) {
    if (count == 0) return;
    Vector<T> result;
    sweep<Operation>(result.element, lanes<T>, false, Part<In>(in, start, count).operand()...);
    for (intptr_t i = 0; i < count; ++i) out[start + i] = result.element[i];
}

// How many elements there are before the first that begins a vector of memory.
template <class T> intptr_t before_boundary(const T* out) {
    const auto address = reinterpret_cast<std::uintptr_t>(out);
    return static_cast<intptr_t>(-address % vector_bytes / sizeof(T));
}

// A store across two lines takes twice as long. Where arrays are this long, an output that begins
// on a boundary saves more than its first elements cost; the inputs mostly lie as it does.
constexpr intptr_t worth_aligning = 4096;

template <class Operation, class T, class... In>
void sweep_all(T* out, intptr_t count, bool past_caches, In... in) {
    const intptr_t head = count < worth_aligning ? 0 : before_boundary(out);
    const intptr_t whole = (count - head) & -lanes<T>, end = head + whole;
    sweep_part<Operation>(out, 0, head, in...);
    sweep<Operation>(out + head, whole, past_caches && count >= worth_aligning, in.from(head)...);
    sweep_part<Operation>(out, end, count - end, in...);
    if (past_caches) finish_writing();
}

template <class S, class T> struct Operand {
    const char* first;
    intptr_t stride;

    bool direct() const { return !Storage<S>::small && stride == sizeof(S); }
    const S& at(intptr_t i) const { return *reinterpret_cast<const S*>(first + i * stride); }
    T read(intptr_t i) const {
        if constexpr (Storage<S>::small) {
            return widen(at(i));
        } else {
            return at(i);
        }
    }

    // The elements start..start+count, side by side.
    const T* stage(intptr_t start, intptr_t count, T* buffer) const {
        if constexpr (Storage<S>::small) {
            if (stride == sizeof(S)) {
                widen_all(&at(start), buffer, count);
                return buffer;
            }
        } else {
            if (direct()) return &at(start);
        }
        for (intptr_t i = 0; i < count; ++i) buffer[i] = read(start + i);
        return buffer;
    }
};

template <int N, class S, class T> struct Operands {
    Operand<S, T> item[N > 0 ? N : 1];

    Operands(char** first, const intptr_t* strides) {
        for (int k = 0; k < N; ++k) item[k] = {first[k], strides[k]};
    }
    bool direct() const {
        for (int k = 0; k < N; ++k) {
            if (!item[k].direct()) return false;
        }
        return true;
    }
    bool scalar() const {
        for (int k = 0; k < N; ++k) {
            if (item[k].stride != 0) return false;
        }
        return true;
    }
};

template <int... K> struct Indices {};

// Calls body(k...) with the first N indices, as an unrolled pack.
template <int N, int... K, class Body> void unroll(Body body) {
    if constexpr (sizeof...(K) == N) {
        body(Indices<K...>{});
    } else {
        unroll<N, K..., static_cast<int>(sizeof...(K))>(body);
    }
}

// `in` and `parameters`, swept block by block; in one go where nothing has to be staged, and only
// then past the caches.
template <class Operation, class S, class In, class Parameters>
void run(char* out, intptr_t out_stride, intptr_t count, const In& in, Parameters& parameters,
         bool past_caches) {
    const bool writes = out_stride == sizeof(S);
    const bool whole = writes && in.direct() && Parameters::whole;
    const intptr_t step = whole ? count : block;
    Vector<S> staged[Operation::inputs][block / lanes<S>];
    Vector<S> results[block / lanes<S>];
    for (intptr_t start = 0; start < count; start += step) {
        const intptr_t size = smaller(count - start, step);
        char* const place = out + start * out_stride;
        S* const target = writes ? reinterpret_cast<S*>(place) : results[0].element;
        unroll<Operation::inputs>([&]<int... K>(Indices<K...>) {
            parameters.with(start, size, [&](auto... parameter) {
                sweep_all<Operation>(
                    target, size, past_caches && whole,
                    Array<S>{in.item[K].stage(start, size, staged[K][0].element)}..., parameter...);
            });
        });
        if (!writes) put(target, place, out_stride, size);
    }
}

Array<float, double> in_double(Array<float> in) { return {in.first}; }
Scalar<double> in_double(Scalar<float> in) { return {in.value}; }

// Computes with doubles what floats leave undecided, a vector at a time. Up to a vector's end there
// is something to read.
template <class Operation, class S, class... In>
void decide(S* results, const float* near, intptr_t count, In... in) {
    static_assert(lanes<double> == 8);
    std::uint8_t undecided[block / lanes<double>];
    find_undecided<S>(near, undecided, (count + lanes<float> - 1) & -lanes<float>);
    for (intptr_t start = 0; start < count; start += lanes<double>) {
        const unsigned bits = undecided[start / lanes<double>];
        if (bits == 0) continue;
        const intptr_t size = smaller(count - start, lanes<double>);
        double exact[lanes<double>];
        sweep_part<Operation>(exact, 0, size, in.from(start)...);
        for (intptr_t i = 0; i < size; ++i) {
            if (bits >> i & 1) narrow(exact[i], results[start + i]);
        }
    }
}

template <class Operation, class S, class In, class Parameters>
    requires(Storage<S>::small)
void run(char* out, intptr_t out_stride, intptr_t count, const In& in, Parameters& parameters,
         bool) {
    using T = computed<Operation, S>;
    const bool writes = out_stride == sizeof(S);
    Vector<T> staged[Operation::inputs][block / lanes<T>];
    Vector<T> wide[block / lanes<T>];
    S results[block];
    for (intptr_t start = 0; start < count; start += block) {
        const intptr_t size = smaller(count - start, block);
        char* const place = out + start * out_stride;
        S* const target = writes ? reinterpret_cast<S*>(place) : results;
        const auto compute = [&](auto... operand) {
            sweep_all<Operation>(wide[0].element, size, false, operand...);
            narrow_all(wide[0].element, target, size);
            if constexpr (sizeof(T) == sizeof(float)) {
                decide<Operation>(target, wide[0].element, size, in_double(operand)...);
            }
        };
        unroll<Operation::inputs>([&]<int... K>(Indices<K...>) {
            parameters.with(start, size, [&](auto... parameter) {
                compute(Array<T>{in.item[K].stage(start, size, staged[K][0].element)}...,
                        parameter...);
            });
        });
        if (!writes) put(target, place, out_stride, size);
    }
}

template <class F, int N, class T> Numbers<T, numbers<F, N>> derived(Numbers<T, N> given) {
    if constexpr (derives<F>) {
        Numbers<T, numbers<F, N>> found;
        unroll<N>([&]<int... K>(Indices<K...>) { found = F::derive(given.number[K]...); });
        return found;
    } else {
        return given;
    }
}

template <class F, int N, class T> struct ScalarParameters {
    static constexpr bool whole = true;
    static constexpr int count = numbers<F, N>;
    Numbers<T, count> value;

    explicit ScalarParameters(Numbers<T, N> given) : value(derived<F, N>(given)) {}
    template <class Body> void with(intptr_t, intptr_t, Body body) const {
        unroll<count>([&]<int... K>(Indices<K...>) { body(Scalar<T>{value.number[K]}...); });
    }
};

template <class F, int N, class S, class T> struct ArrayParameters {
    static constexpr bool whole = false;
    static constexpr int most = N > numbers<F, N> ? N : numbers<F, N>;
    Operands<N, S, T> operands;
    alignas(vector_bytes) T room[most][block];

    template <class Body> void with(intptr_t start, intptr_t size, Body body) {
        const T* given[N];
        for (int k = 0; k < N; ++k) given[k] = operands.item[k].stage(start, size, room[k]);
        if constexpr (derives<F>) {
            derive(given, size);
            unroll<numbers<F, N>>([&]<int... K>(Indices<K...>) { body(Array<T>{room[K]}...); });
        } else {
            unroll<N>([&]<int... K>(Indices<K...>) { body(Array<T>{given[K]}...); });
        }
    }

 private:
    // In place of what was given.
    void derive(const T* const* given, intptr_t size) {
        for (intptr_t i = 0; i < size; ++i) {
            Numbers<T, N> each;
            for (int k = 0; k < N; ++k) each.number[k] = given[k][i];
            const auto found = derived<F, N>(each);
            for (int k = 0; k < numbers<F, N>; ++k) room[k][i] = found.number[k];
        }
    }
};

template <class S>
bool in_order(Loop loop, char** operands, const intptr_t* count, const intptr_t* strides,
              int inputs, void* data) {
    const intptr_t piece = unwritten(operands, strides, inputs, sizeof(S), *count, block);
    if (piece == *count) return false;
    in_pieces<S, block>(loop, operands, strides, inputs, *count, piece, data);
    return true;
}

// Arrays of parameters in 16 bits: rare, and not worth code of their own.
template <class Operation, int N, class S>
void one_by_one(char** operands, const intptr_t* strides, intptr_t count) {
    using T = computed<Operation, S>;
    constexpr int inputs = Operation::inputs;
    const Operands<N, S, T> parameters(operands + inputs, strides + inputs);
    for (intptr_t i = 0; i < count; ++i) {
        char* here[inputs];
        for (int k = 0; k < inputs; ++k) here[k] = operands[k] + i * strides[k];
        Numbers<T, N> given;
        for (int k = 0; k < N; ++k) given.number[k] = parameters.item[k].read(i);
        const ScalarParameters<typename Operation::Kernel, N, T> scalars(given);
        char* const out = operands[inputs + N] + i * strides[inputs + N];
        run<Operation, S>(out, strides[inputs + N], 1, Operands<inputs, S, T>(here, strides),
                          scalars, false);
    }
}

template <class Operation, int N, class S>
void given(char** operands, const intptr_t* count, const intptr_t* strides, void* data) {
    using T = computed<Operation, S>;
    constexpr int inputs = Operation::inputs;
    if (in_order<S>(given<Operation, N, S>, operands, count, strides, inputs + N, data)) return;
    const DefaultEnvironment environment;
    const Operands<inputs, S, T> in(operands, strides);
    const Operands<N, S, T> parameters(operands + inputs, strides + inputs);
    char* const out = operands[inputs + N];
    const intptr_t out_stride = strides[inputs + N];
    if (parameters.scalar()) {
        Numbers<T, N> given{};
        for (int k = 0; k < N && *count > 0; ++k) given.number[k] = parameters.item[k].read(0);
        const ScalarParameters<typename Operation::Kernel, N, T> scalars(given);
        run<Operation, S>(out, out_stride, *count, in, scalars, false);
        return;
    }
    if constexpr (N > 0 && sizeof(S) == sizeof(Half)) {
        one_by_one<Operation, N, S>(operands, strides, *count);
    } else if constexpr (N > 0) {
        ArrayParameters<typename Operation::Kernel, N, S, T> arrays{parameters, {}};
        run<Operation, S>(out, out_stride, *count, in, arrays, false);
    }
}

template <class Operation, int N, class S>
void bound(char** operands, const intptr_t* count, const intptr_t* strides, void* data) {
    using T = computed<Operation, S>;
    if (in_order<S>(bound<Operation, N, S>, operands, count, strides, Operation::inputs, data))
        return;
    const DefaultEnvironment environment;
    const auto* const fixed = static_cast<const Bound*>(data);
    Numbers<T, N> given{};
    for (int k = 0; k < N; ++k) {
        given.number[k] = static_cast<typename Storage<S>::Parameter>(fixed->parameters[k]);
    }
    using Kernel = typename Operation::Kernel;
    const ScalarParameters<Kernel, N, T> scalars(given);
    const Operands<Operation::inputs, S, T> in(operands, strides);
    char* const out = operands[Operation::inputs];
    const intptr_t out_stride = strides[Operation::inputs];
    if constexpr (has_usual<Kernel>) {
        using Usual = typename Operation::template On<typename Kernel::usual>;
        if (Kernel::is_usual(scalars.value))
            return run<Usual, S>(out, out_stride, *count, in, scalars, fixed->past_caches);
    }
    run<Operation, S>(out, out_stride, *count, in, scalars, fixed->past_caches);
}

#define NONLIN_LOOPS(loop, kernel, N, operation)      \
    {loop<operation<activations::kernel>, N, Half>,   \
     loop<operation<activations::kernel>, N, float>,  \
     loop<operation<activations::kernel>, N, double>, \
     loop<operation<activations::kernel>, N, Brain>}
#define NONLIN_KINDS(loop, kernel, N)                                                 \
    {NONLIN_LOOPS(loop, kernel, N, Value), NONLIN_LOOPS(loop, kernel, N, Derivative), \
     NONLIN_LOOPS(loop, kernel, N, Backward)}
#define NONLIN_ENTRY(name, kernel, N) \
    {#name, N, NONLIN_KINDS(given, kernel, N), NONLIN_KINDS(bound, kernel, N)},

constexpr Entry entries[] = {NONLIN_ACTIVATIONS(NONLIN_ENTRY)};

}  // namespace

extern const Table table;
const Table table = {NONLIN_TEXT(NONLIN_INSTRUCTION_SET), entries,
                     sizeof entries / sizeof *entries};

}  // namespace nonlin::NONLIN_INSTRUCTION_SET
