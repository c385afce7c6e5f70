/* Vectors of the machine that gcc compiles for: 16 bytes by default, 32 with AVX2. Where it has no pair-wise multiply-add or narrowing
   of its own, plain loops over the lanes stand in. */
#ifndef VECTORS_H
#define VECTORS_H

#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#if defined(__AVX2__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

#define I16_LANES (VECTOR_BYTES / 2)
#define I32_LANES (VECTOR_BYTES / 4)

typedef int16_t i16v __attribute__((vector_size(VECTOR_BYTES)));
typedef int32_t i32v __attribute__((vector_size(VECTOR_BYTES)));
typedef uint8_t u8half __attribute__((vector_size(VECTOR_BYTES / 2)));

/* The 32 bits at p in every lane: two i16 that a pair-wise multiply-add meets with pairs of weights. */
static inline i16v splat_pair(const int16_t *p) {
  int32_t pair;
  memcpy(&pair, p, 4);
  return (i16v)((i32v){0} + pair);
}

/* sum[j] + a[2j] * b[2j] + a[2j + 1] * b[2j + 1] */
static inline i32v multiply_add(i32v sum, i16v a, i16v b) {
#if defined(__AVX2__)
  return sum + (i32v)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return sum + (i32v)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
  for (int j = 0; j < I32_LANES; j++) sum[j] += a[2 * j] * b[2 * j] + a[2 * j + 1] * b[2 * j + 1];
  return sum;
#endif
}

/* Two vectors of i32 that fit i16 as one of i16, in order. */
static inline i16v narrow(i32v low, i32v high) {
#if defined(__AVX2__)
  return (i16v)_mm256_permute4x64_epi64(_mm256_packs_epi32((__m256i)low, (__m256i)high), 0xd8);
#elif defined(__SSE2__)
  return (i16v)_mm_packs_epi32((__m128i)low, (__m128i)high);
#else
  i16v out;
  for (int j = 0; j < I32_LANES; j++) out[j] = (int16_t)low[j], out[j + I32_LANES] = (int16_t)high[j];
  return out;
#endif
}

static inline void store_u8(uint8_t *at, i16v counts) {
#if defined(__AVX2__)
  _mm_storeu_si128((void *)at, _mm_packus_epi16(_mm256_castsi256_si128((__m256i)counts), _mm256_extracti128_si256((__m256i)counts, 1)));
#elif defined(__SSE2__)
  _mm_storel_epi64((void *)at, _mm_packus_epi16((__m128i)counts, (__m128i)counts));
#else
  for (int j = 0; j < I16_LANES; j++) at[j] = (uint8_t)counts[j];
#endif
}

static inline i16v load_u8(const uint8_t *at) {
  u8half bytes;
  memcpy(&bytes, at, sizeof bytes);
  return __builtin_convertvector(bytes, i16v);
}

#endif
