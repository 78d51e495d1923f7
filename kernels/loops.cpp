// The loops over arrays, compiled once per instruction set.
//
// The compiler vectorises `sweep`, which sees contiguous operands and whole vectors only; what is
// strided, shorter than a vector or stored in two bytes goes through a small buffer first, and so
// do the first elements where a long output does not begin on a vector's boundary. Each element
// thus passes through the same instructions wherever it stands, so its result depends on its value
// alone.
#include "catalogue.hpp"
#include "dispatch.hpp"
#include "flags.hpp"
#include "small.hpp"
#include "stages.hpp"
#include "stream.hpp"

#define NONLIN_TEXT_(name) #name
#define NONLIN_TEXT(name) NONLIN_TEXT_(name)

namespace nonlin::NONLIN_INSTRUCTION_SET {
namespace {

using std::intptr_t;

constexpr intptr_t vector_bytes = 64;
constexpr intptr_t block = 512;

// What a loop does to each element: `apply`, and where the kernel comes in two halves, `Stages`.
template <class F> struct Value {
    static constexpr int inputs = 1;
    template <class T, class... P> NONLIN_INLINE static T apply(T x, P... parameters) {
        return F::value(x, parameters...);
    }
};

template <class F>
    requires requires { typename F::value_stages; }
struct Value<F> {
    static constexpr int inputs = 1;
    using Stages = typename F::value_stages;
};

template <class F> struct Derivative {
    static constexpr int inputs = 1;
    template <class T, class... P> NONLIN_INLINE static T apply(T x, P... parameters) {
        return F::derivative(x, parameters...);
    }
};

template <class F>
    requires requires { typename F::derivative_stages; }
struct Derivative<F> {
    static constexpr int inputs = 1;
    using Stages = typename F::derivative_stages;
};

template <class F> struct Backward {
    static constexpr int inputs = 2;
    template <class T, class... P> NONLIN_INLINE static T apply(T grad, T x, P... parameters) {
        return grad * F::derivative(x, parameters...);
    }
};

template <class F>
    requires requires { typename F::derivative_stages; }
struct Backward<F> {
    static constexpr int inputs = 2;
    struct Stages {
        template <class T, class... P> NONLIN_INLINE static auto start(T, T x, P... parameters) {
            return F::derivative_stages::start(x, parameters...);
        }
        template <class B, class T, class... P>
        NONLIN_INLINE static T finish(B begun, T grad, T x, P... parameters) {
            return grad * F::derivative_stages::finish(begun, x, parameters...);
        }
    };
};

// How a kernel's element type is stored.
template <class S> struct Stored {
    using Register = S;
    static S read(S x) { return x; }
    static S write(S y) { return y; }
    static S parameter(double value) { return static_cast<S>(value); }
    static constexpr bool as_is = true;
};

template <class S> struct Small {
    using Register = double;
    static double read(S x) { return static_cast<double>(widen(x)); }
    static S write(double y) {
        S result;
        narrow(y, result);
        return result;
    }
    // With 24 bits, times the 11 or 8 of an element, a parameter's products are exact in a double
    // and so rounded once.
    static double parameter(double value) { return static_cast<float>(value); }
    static constexpr bool as_is = false;
};

template <> struct Stored<Half> : Small<Half> {};

template <> struct Stored<Brain> : Small<Brain> {};

template <class T> struct Array {
    const T* first;
    T operator[](intptr_t i) const { return first[i]; }
    Array from(intptr_t i) const { return {first + i}; }
    NONLIN_INLINE void fetch_ahead(intptr_t start, intptr_t count) const {
        constexpr auto line = line_bytes / static_cast<intptr_t>(sizeof(T));
        for (intptr_t i = start; i < start + count; i += line)
            NONLIN_INSTRUCTION_SET::fetch_ahead(first + i);
    }
};

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

// `count` is a whole number of vectors. The output may be one of the inputs, element on element: no
// iteration depends on another. What is written past the caches begins on a line.
template <class Operation, class T, class... In>
[[gnu::noinline]] void sweep(T* out, intptr_t count, bool past_caches, In... in) {
    count &= -lanes<T>;
    if constexpr (requires { typename Operation::Stages; }) {
        in_stages<typename Operation::Stages>(out, count, past_caches, in...);
    } else {
        Vector<T> results[block / lanes<T>];
        const intptr_t step = past_caches ? block : count;
        for (intptr_t first = 0; first < count; first += step) {
            const intptr_t size = smaller(count - first, step);
            T* const target = past_caches ? results[0].element : out + first;
#pragma GCC ivdep
            for (intptr_t i = 0; i < size; ++i) target[i] = Operation::apply(in[first + i]...);
            if (past_caches) write_past_caches(out + first, target, size * sizeof(T));
        }
    }
}

// Some elements, fewer than a vector has, filled up to one.
template <class In> struct Part;

template <class T> struct Part<Array<T>> {
    Vector<T> buffer;
    Part(Array<T> in, intptr_t start, intptr_t count) {
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

template <class S> struct Operand {
    using T = typename Stored<S>::Register;
    const char* first;
    intptr_t stride;

    bool direct() const { return Stored<S>::as_is && stride == sizeof(S); }
    const S& at(intptr_t i) const { return *reinterpret_cast<const S*>(first + i * stride); }

    // The elements start..start+count, side by side.
    const T* stage(intptr_t start, intptr_t count, T* buffer) const {
        if constexpr (Stored<S>::as_is) {
            if (direct()) return &at(start);
        }
        for (intptr_t i = 0; i < count; ++i) buffer[i] = Stored<S>::read(at(start + i));
        return buffer;
    }
};

template <int N, class S> struct Operands {
    Operand<S> item[N > 0 ? N : 1];

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
template <class Operation, class S, class Parameters>
void run(char* out, intptr_t out_stride, intptr_t count, const Operands<Operation::inputs, S>& in,
         Parameters& parameters, bool past_caches = false) {
    using T = typename Stored<S>::Register;
    const bool writes = Stored<S>::as_is && out_stride == sizeof(S);
    const bool whole = writes && in.direct() && Parameters::whole;
    const intptr_t step = whole ? count : block;
    Vector<T> staged[Operation::inputs][block / lanes<T>];
    Vector<T> results[block / lanes<T>];
    for (intptr_t start = 0; start < count; start += step) {
        const intptr_t size = count - start < step ? count - start : step;
        T* target = results[0].element;
        if constexpr (Stored<S>::as_is) {
            if (writes) target = reinterpret_cast<T*>(out + start * out_stride);
        }
        unroll<Operation::inputs>([&]<int... K>(Indices<K...>) {
            parameters.with(start, size, [&](auto... parameter) {
                sweep_all<Operation>(
                    target, size, past_caches && whole,
                    Array<T>{in.item[K].stage(start, size, staged[K][0].element)}..., parameter...);
            });
        });
        if (Stored<S>::as_is && writes) continue;
        for (intptr_t i = 0; i < size; ++i) {
            *reinterpret_cast<S*>(out + (start + i) * out_stride) = Stored<S>::write(target[i]);
        }
    }
}

template <int N, class T> struct ScalarParameters {
    static constexpr bool whole = true;
    T value[N > 0 ? N : 1];

    template <class Body> void with(intptr_t, intptr_t, Body body) const {
        unroll<N>([&]<int... K>(Indices<K...>) { body(Scalar<T>{value[K]}...); });
    }
};

template <int N, class S> struct ArrayParameters {
    using T = typename Stored<S>::Register;
    static constexpr bool whole = false;
    Operands<N, S> operands;
    Vector<T> staged[N][block / lanes<T>];

    template <class Body> void with(intptr_t start, intptr_t count, Body body) {
        unroll<N>([&]<int... K>(Indices<K...>) {
            body(Array<T>{operands.item[K].stage(start, count, staged[K][0].element)}...);
        });
    }
};

template <class Operation, int N, class S>
void given(char** operands, const intptr_t* count, const intptr_t* strides, void*) {
    using T = typename Stored<S>::Register;
    constexpr int inputs = Operation::inputs;
    const FlagsKept kept;
    const Operands<inputs, S> in(operands, strides);
    const Operands<N, S> parameters(operands + inputs, strides + inputs);
    char* const out = operands[inputs + N];
    const intptr_t out_stride = strides[inputs + N];
    if (parameters.scalar()) {
        ScalarParameters<N, T> scalars{};
        for (int k = 0; k < N && *count > 0; ++k) {
            scalars.value[k] = Stored<S>::read(parameters.item[k].at(0));
        }
        run<Operation, S>(out, out_stride, *count, in, scalars);
        return;
    }
    if constexpr (N > 0) {
        ArrayParameters<N, S> arrays{parameters, {}};
        run<Operation, S>(out, out_stride, *count, in, arrays);
    }
}

template <class Operation, int N, class S>
void bound(char** operands, const intptr_t* count, const intptr_t* strides, void* data) {
    using T = typename Stored<S>::Register;
    const FlagsKept kept;
    const auto* const given = static_cast<const Bound*>(data);
    ScalarParameters<N, T> scalars{};
    for (int k = 0; k < N; ++k) scalars.value[k] = Stored<S>::parameter(given->parameters[k]);
    const Operands<Operation::inputs, S> in(operands, strides);
    run<Operation, S>(operands[Operation::inputs], strides[Operation::inputs], *count, in, scalars,
                      given->past_caches);
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
