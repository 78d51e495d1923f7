// Registers of 16 bytes, with a fused product and sum.
#pragma once

#include "registers.hpp"

namespace nonlin::NONLIN_INSTRUCTION_SET::native {

// min(x, bound), and x where that is NaN.
template <class R> NONLIN_INLINE R min(R bound, R x) { return x > bound ? bound : x; }
template <class R> NONLIN_INLINE R max(R bound, R x) { return x < bound ? bound : x; }

constexpr int least_entries = 16;

NONLIN_INLINE Floats fma(Floats a, Floats b, Floats c) { return vfmaq_f32(c, a, b); }
NONLIN_INLINE Doubles fma(Doubles a, Doubles b, Doubles c) { return vfmaq_f64(c, a, b); }
NONLIN_INLINE Floats nfma(Floats a, Floats b, Floats c) { return vfmsq_f32(c, a, b); }
NONLIN_INLINE Doubles nfma(Doubles a, Doubles b, Doubles c) { return vfmsq_f64(c, a, b); }
NONLIN_INLINE Floats sqrt(Floats x) { return vsqrtq_f32(x); }
NONLIN_INLINE Doubles sqrt(Doubles x) { return vsqrtq_f64(x); }
NONLIN_INLINE unsigned lanes_of(Indices32 mask) {
    return static_cast<unsigned>(vaddvq_s32(int32x4_t(mask & Indices32{1, 2, 4, 8})));
}
NONLIN_INLINE bool any(Indices64 mask) { return vmaxvq_u32(uint32x4_t(mask)) != 0; }

NONLIN_INLINE Doubles widen_lower(Floats x) { return vcvt_f64_f32(vget_low_f32(x)); }
NONLIN_INLINE Doubles widen_upper(Floats x) { return vcvt_high_f64_f32(x); }
NONLIN_INLINE Floats narrow(Doubles lower, Doubles upper) {
    return vcvt_high_f32_f64(vcvt_f32_f64(lower), upper);
}

constexpr bool has_widening = false;
Indices32 widen_16(const uint16_t* from);
void narrow_16(uint16_t* to, Indices32 x);
constexpr bool has_float16 = true;
NONLIN_INLINE Floats widen_float16(const uint16_t* from) {
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from)));
}
NONLIN_INLINE void narrow_float16(uint16_t* to, Floats x) {
    vst1_u16(to, vreinterpret_u16_f16(vcvt_f16_f32(x)));
}

// An index of bytes that is out of range gives 0.
NONLIN_INLINE uint8x16x4_t bytes_of(const float* table) {
    return vld1q_u8_x4((const unsigned char*)table);
}
NONLIN_INLINE uint8x16_t bytes_at(Indices32 index, int size) {
    return uint8x16_t((index & (size - 1)) * 0x04040404 + 0x03020100);
}
template <int> NONLIN_INLINE Floats look_up(const Lookup& table, Indices32 index) {
    return Floats(vqtbl4q_u8(bytes_of(table.entry), bytes_at(index, 16)));
}
NONLIN_INLINE Floats look_up_32(const LongLookup& table, Indices32 index) {
    const auto bytes = bytes_at(index, 32);
    const auto lower = vqtbl4q_u8(bytes_of(table.near.entry), bytes);
    const auto upper = vqtbl4q_u8(bytes_of(table.far.entry), veorq_u8(bytes, vdupq_n_u8(64)));
    return Floats(vorrq_u8(lower, upper));
}

NONLIN_INLINE void stream(void* to, const void* from) {
    __builtin_memcpy(to, from, register_bytes);
}

}  // namespace nonlin::NONLIN_INSTRUCTION_SET::native
