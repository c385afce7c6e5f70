/*
 * What the generated saccade_engine.c stands on: integer types, WebAssembly's loads and stores with their bounds, and traps.
 *
 * Memory. An address is 32 bits, and there are two ranges of them: RAM (saccade_ram, read and written) and the plan (read only).
 *   On 32-bit machines an address is the processor's own: nothing is translated, and weights are read from flash where they lie.
 *   On 64-bit machines RAM begins at address SACCADE_RAM_AT and the plan at SACCADE_PLAN_AT, wherever they are.
 *
 * Bounds. The gate (assembly/executor/load.ts) doubts every word of a plan and proves that no step leaves its memory; kernels trust it. So
 *   every store is checked, wherever it stands: nothing of the program around the engine is ever overwritten;
 *   loads are checked in the gate, which reads what nobody has checked yet; in kernels they are not (SACCADE_CHECKS 1, the default).
 * SACCADE_CHECKS 2 checks loads in kernels too: twice the text, 1.8 times the instructions; the hostile tests run it. 0 checks but the gate.
 * A bad access is a trap: `saccade_trapped` is set, a store goes nowhere, a load gives 0, and the program runs on. It ends, for its loops are
 * bounded by words that the gate has checked, and every call of the API then gives SACCADE_TRAPPED.
 */
#ifndef SACCADE_WASM_H
#define SACCADE_WASM_H

#include <stdint.h>

#ifndef SACCADE_CHECKS
#define SACCADE_CHECKS 1
#endif

typedef uint8_t u8;
typedef int8_t s8;
typedef uint16_t u16;
typedef int16_t s16;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;
typedef int64_t s64;

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* What no network decides, and what this one wants: scratch, arena, state. */
static u64 saccade_ram[(SACCADE_SCRATCH_BYTES + SACCADE_RAM_BYTES + 15u) / 16u * 2u] __attribute__((aligned(16)));
#define RAM_BYTES ((u32)sizeof saccade_ram)
/* The loaded plan and its bytes. */
static const u8 *plan_bytes;
static u32 plan_size;
static u32 saccade_trapped;

/* Not inlined, so that a failed check costs code once. */
__attribute__((noinline, cold)) static u32 saccade_trap(void)
{
    saccade_trapped = 1;
    return 0;
}
/* The gate runs once: its code is made small. */
#define GATE_FUNCTION __attribute__((noinline, cold))
/* asc has inlined what is small. A loop that is inlined once more into its caller has too few registers: 1.5 times the instructions. */
#define ENGINE_FUNCTION __attribute__((noinline))

#define TRAP(reason) saccade_trap()
#define UNREACHABLE TRAP()
#define FUNC_PROLOGUE
#define FUNC_EPILOGUE

#if UINTPTR_MAX == 0xffffffffu
#define RAM_AT ((u32)(uintptr_t)saccade_ram)
#define PLAN_AT ((u32)(uintptr_t)plan_bytes)
static inline void *ram_at(u32 a) { return (void *)(uintptr_t)a; }
static inline const void *any_at(u32 a) { return (const void *)(uintptr_t)a; }
#else
#define RAM_AT 0x10000u
#define PLAN_AT 0x80000000u
static inline void *ram_at(u32 a) { return (u8 *)saccade_ram + (a - RAM_AT); }
static inline const void *any_at(u32 a) { return a >= PLAN_AT ? plan_bytes + (a - PLAN_AT) : (const u8 *)saccade_ram + (a - RAM_AT); }
#endif

/* Whether n bytes at a lie in a range: n is a constant below its size. */
static inline int in_ram(u32 a, u32 n) { return a - RAM_AT <= RAM_BYTES - n; }
static inline int in_plan(u32 a, u32 n) { return a - PLAN_AT <= plan_size - n; }

#define IN_ANY(a, n) LIKELY(in_ram(a, n) || in_plan(a, n))
#if SACCADE_CHECKS == 2
#define MAY_LOAD(a, n) IN_ANY(a, n)
#else
#define MAY_LOAD(a, n) 1
#endif
#if SACCADE_CHECKS >= 1
#define MAY_STORE(a, n) LIKELY(in_ram(a, n))
#else
#define MAY_STORE(a, n) 1
#endif

/* Memory has no type of its own: what is stored as bytes is read as words. */
typedef u8 __attribute__((may_alias)) m8;
typedef s8 __attribute__((may_alias)) m8s;
typedef u16 __attribute__((may_alias)) m16;
typedef s16 __attribute__((may_alias)) m16s;
typedef u32 __attribute__((may_alias)) m32;
/* The engine aligns what it stores by itself to its size, but 64 bits only to 4 bytes. */
typedef u64 __attribute__((may_alias, aligned(4))) m64;

#define DEFINE_LOAD(name, memory, result) \
    static inline result name(u32 a) { return MAY_LOAD(a, sizeof(memory)) ? (result) * (const memory *)any_at(a) : saccade_trap(); } \
    GATE_FUNCTION static result gate_##name(u32 a) { return IN_ANY(a, sizeof(memory)) ? (result) * (const memory *)any_at(a) : saccade_trap(); }
#define DEFINE_STORE(name, memory, value) \
    static inline void name(u32 a, value v) \
    { \
        if (MAY_STORE(a, sizeof(memory))) \
            *(memory *)ram_at(a) = (memory)v; \
        else \
            saccade_trap(); \
    }

DEFINE_LOAD(i32_load, m32, u32)
DEFINE_LOAD(i32_load8_u, m8, u32)
DEFINE_LOAD(i32_load8_s, m8s, u32)
DEFINE_LOAD(i32_load16_u, m16, u32)
DEFINE_LOAD(i32_load16_s, m16s, u32)
DEFINE_LOAD(i64_load, m64, u64)
DEFINE_LOAD(i64_load8_u, m8, u64)
DEFINE_LOAD(i64_load8_s, m8s, u64)
DEFINE_LOAD(i64_load16_u, m16, u64)
DEFINE_LOAD(i64_load16_s, m16s, u64)
DEFINE_LOAD(i64_load32_u, m32, u64)
static inline u64 i64_load32_s(u32 a) { return (u64)(s64)(s32)i32_load(a); }
static inline u64 gate_i64_load32_s(u32 a) { return (u64)(s64)(s32)gate_i32_load(a); }
DEFINE_STORE(i32_store, m32, u32)
DEFINE_STORE(i32_store8, m8, u32)
DEFINE_STORE(i32_store16, m16, u32)
DEFINE_STORE(i64_store, m64, u64)
static inline void i64_store32(u32 a, u64 v) { i32_store(a, (u32)v); }

/* n bytes at a inside a range, whatever n is. */
static inline int run_in_ram(u32 a, u32 n) { return n <= RAM_BYTES && in_ram(a, n); }

/* By words where all is words, as rows and states are. volatile, so that no compiler makes a call of libc's of it. */
__attribute__((noinline)) static void memory_fill(u32 a, u32 value, u32 n)
{
    if (!run_in_ram(a, n)) {
        saccade_trap();
        return;
    }
    u8 *to = ram_at(a), *past = to + n;
    u32 word = (value & 255u) * 0x01010101u;
    if (((a | n) & 3u) == 0) {
        for (; past - to >= 16; to += 16) {
            volatile m32 *four = (volatile m32 *)(void *)to;
            four[0] = four[1] = four[2] = four[3] = word;
        }
        for (; to != past; to += 4)
            *(volatile m32 *)(void *)to = word;
    }
    for (; to != past; to++)
        *(volatile m8 *)to = (u8)value;
}

/* Upwards: the engine never copies a block upwards onto itself. */
__attribute__((noinline)) static void memory_copy(u32 to, u32 from, u32 n)
{
    if (!run_in_ram(to, n) || !(run_in_ram(from, n) || (n <= plan_size && in_plan(from, n)))) {
        saccade_trap();
        return;
    }
    u8 *out = ram_at(to), *past = out + n;
    const u8 *in = any_at(from);
    if (((to | from | n) & 3u) == 0) {
        for (; past - out >= 16; out += 16, in += 16) {
            const m32 *four = (const m32 *)(const void *)in;
            u32 a = four[0], b = four[1], c = four[2], d = four[3];
            volatile m32 *copy = (volatile m32 *)(void *)out;
            copy[0] = a, copy[1] = b, copy[2] = c, copy[3] = d;
        }
        for (; out != past; out += 4, in += 4)
            *(volatile m32 *)(void *)out = *(const m32 *)(const void *)in;
    }
    for (; out != past; out++, in++)
        *(volatile m8 *)out = *in;
}

/* All 32 bits of addresses. */
#define MEMORY_PAGES 65536u

/* Whether the engine holds an operator: a constant wherever op is one. */
static inline u32 Z_envZ_has(u32 op) { return op < 32u && ((u32)(SACCADE_OPS) >> op & 1u); }

#define I32_CLZ(x) ((x) ? (u32)__builtin_clz(x) : 32u)
#define I32_CTZ(x) ((x) ? (u32)__builtin_ctz(x) : 32u)
#define I32_POPCNT(x) ((u32)__builtin_popcount(x))
#define I64_CTZ(x) ((x) ? (u64)__builtin_ctzll(x) : 64u)

/* WebAssembly traps where C has no answer. */
#define DIV_U(x, y) ((y) == 0 ? TRAP() : (x) / (y))
#define REM_U(x, y) ((y) == 0 ? TRAP() : (x) % (y))
static inline u32 I32_DIV_S(u32 x, u32 y) { return y == 0 || (x == 0x80000000u && y == 0xffffffffu) ? TRAP() : (u32)((s32)x / (s32)y); }
static inline u32 I32_REM_S(u32 x, u32 y) { return y == 0 ? TRAP() : y == 0xffffffffu ? 0 : (u32)((s32)x % (s32)y); }

#endif
