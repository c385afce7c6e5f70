/*
 * The functions of ../embed/saccade.h for machines with an operating system and vectors: the engine's SIMD build, through wasm2c and SIMDe.
 * Linear memory is a reservation of address space: engine, plan, tensors, state and workspace, one behind the other. The plan is copied, so
 * it may change or go after saccade_load, and no step can meet another plan than the gate has checked.
 */
#define _GNU_SOURCE
#include "saccade.h"

#include <stddef.h>
#include <sys/mman.h>

#include "saccade_simd.h"

#define ALIGN 16u
#define ROUNDED(n) (((uint64_t)(n) + ALIGN - 1u) & ~(uint64_t)(ALIGN - 1u))
#define PAGE 65536u
/* Every address that 32 bits and an offset of 32 bits can name. */
#define RESERVED ((size_t)1 << 33)
/* Bytes of memory that one network may take. */
#define MOST_BYTES (1u << 30)
/* Events that wait for the engine. */
#define STAGED 4096u

/* Words of a plan's header, of a tensor record and of an op record (models/FORMAT.md 5). */
enum { PLAN_BYTES = 2, TENSORS = 3, OPS = 4, CONSTANTS_BYTES = 6, ARENA_BYTES = 7, STATE_BYTES = 8, INPUT = 10, HEADER_WORDS = 20 };
enum { TENSOR_DTYPE = 0, TENSOR_OFFSET = 2, TENSOR_H = 3, TENSOR_W = 4, TENSOR_C = 5, TENSOR_WORDS = 8, OP_WORDS = 32 };
enum { DTYPE_U8 = 0, DTYPE_I8 = 1, DTYPE_I16 = 2, DTYPE_I32 = 3 };
enum { STATE_SATURATIONS = 5 };

static wasm_rt_memory_t memory;
static w2c_engine engine;
static uint32_t plan_at, arena_at, state_at, staged_at, staged, wanted, loaded;
static int32_t widened[65536];

wasm_rt_memory_t *w2c_env_memory(struct w2c_env *env)
{
    (void)env;
    return &memory;
}

void wasm_rt_trap(wasm_rt_trap_t reason)
{
    (void)reason;
    __builtin_trap();
}

/* Makes memory usable up to `end`. Once usable it stays so. */
static int reach(uint64_t end)
{
    uint64_t size = (end + PAGE - 1u) / PAGE * PAGE;
    if (size <= memory.size)
        return 1;
    if (size > MOST_BYTES || mprotect(memory.data, size, PROT_READ | PROT_WRITE) != 0)
        return 0;
    memory.size = size;
    memory.pages = size / PAGE;
    return 1;
}

static int started(void)
{
    if (memory.data != NULL)
        return 1;
    void *data = mmap(NULL, RESERVED, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (data == MAP_FAILED)
        return 0;
    memory.data = data;
    memory.max_pages = MOST_BYTES / PAGE;
    if (!reach(PAGE))
        return 0;
    wasm2c_engine_instantiate(&engine, NULL);
    return 1;
}

static uint32_t word(uint32_t address)
{
    uint32_t value;
    memcpy(&value, memory.data + address, sizeof value);
    return value;
}

static uint32_t plan_word(uint32_t at)
{
    return word(plan_at + 4u * at);
}

static uint32_t tensor_word(uint32_t tensor, uint32_t field)
{
    return plan_word(HEADER_WORDS + tensor * TENSOR_WORDS + field);
}

static uint32_t elements(uint32_t tensor)
{
    return tensor_word(tensor, TENSOR_H) * tensor_word(tensor, TENSOR_W) * tensor_word(tensor, TENSOR_C);
}

static uint32_t output_tensor(void)
{
    return plan_word(HEADER_WORDS + plan_word(TENSORS) * TENSOR_WORDS + plan_word(OPS) * OP_WORDS);
}

/* Lays everything out, and copies plan and weights. */
static saccade_status place(const uint8_t *plan, uint32_t bytes, uint32_t *constants_at)
{
    uint32_t header[HEADER_WORDS];
    memcpy(header, plan, sizeof header);
    uint64_t plan_bytes = ROUNDED(header[PLAN_BYTES]), arena = ROUNDED(header[ARENA_BYTES]) + ALIGN, state = ROUNDED(header[STATE_BYTES]);
    if (plan_bytes + header[CONSTANTS_BYTES] > bytes)
        return SACCADE_BAD_LENGTH;
    uint64_t at = ROUNDED(w2c_engine_base(&engine)), end = at + ROUNDED(bytes) + arena + state + ROUNDED(5u * STAGED);
    if (arena + state > MOST_BYTES || end > MOST_BYTES)
        return SACCADE_BAD_COUNT;
    wanted = (uint32_t)(arena + state);
    if (!reach(end))
        return SACCADE_ARENA_TOO_SMALL;
    plan_at = (uint32_t)at;
    *constants_at = (uint32_t)(at + plan_bytes);
    arena_at = (uint32_t)(at + ROUNDED(bytes));
    state_at = (uint32_t)(arena_at + arena);
    staged_at = (uint32_t)(state_at + state);
    memcpy(memory.data + plan_at, plan, bytes);
    return SACCADE_OK;
}

/* With a workspace steps are fast; without, the same. */
static saccade_status prepare(void)
{
    uint64_t at = staged_at + ROUNDED(5u * STAGED);
    return reach(at + w2c_engine_workspaceBytes(&engine)) ? (saccade_status)w2c_engine_prepare(&engine, (uint32_t)at) : SACCADE_ARENA_TOO_SMALL;
}

saccade_status saccade_load(const void *plan, uint32_t bytes)
{
    uint32_t constants_at = 0;
    loaded = staged = wanted = 0;
    if (((uintptr_t)plan & (ALIGN - 1u)) != 0)
        return SACCADE_BAD_ALIGNMENT;
    if (plan == NULL || bytes < 4u * HEADER_WORDS || bytes > MOST_BYTES)
        return SACCADE_BAD_LENGTH;
    if (!started())
        return SACCADE_ARENA_TOO_SMALL;
    saccade_status status = place(plan, bytes, &constants_at);
    if (status == SACCADE_OK)
        status = (saccade_status)w2c_engine_load(&engine, plan_at, plan_word(PLAN_BYTES), constants_at, plan_word(CONSTANTS_BYTES), arena_at,
                                                 plan_word(ARENA_BYTES));
    if (status == SACCADE_OK && tensor_word(output_tensor(), TENSOR_DTYPE) != DTYPE_I32 &&
        elements(output_tensor()) > sizeof widened / sizeof widened[0])
        status = SACCADE_BAD_TENSOR;
    if (status == SACCADE_OK)
        status = prepare();
    loaded = status == SACCADE_OK;
    return loaded ? saccade_reset() : status;
}

uint32_t saccade_fault(void)
{
    return memory.data == NULL ? 0 : w2c_engine_fault(&engine);
}

uint32_t saccade_ram_wanted(void)
{
    return wanted;
}

static void add_staged(void)
{
    if (loaded && staged > 0)
        w2c_engine_addEvents(&engine, staged_at, staged_at + 2u * STAGED, staged_at + 4u * STAGED, staged);
    staged = 0;
}

void saccade_event(uint16_t x, uint16_t y, uint8_t p)
{
    if (!loaded)
        return;
    memcpy(memory.data + staged_at + 2u * staged, &x, 2);
    memcpy(memory.data + staged_at + 2u * (STAGED + staged), &y, 2);
    memory.data[staged_at + 4u * STAGED + staged] = p;
    if (++staged == STAGED)
        add_staged();
}

uint32_t saccade_events(const uint16_t *x, const uint16_t *y, const uint8_t *p, uint32_t n)
{
    if (!loaded)
        return 0;
    uint32_t outside = saccade_events_outside();
    for (uint32_t i = 0; i < n; i++)
        saccade_event(x[i], y[i], p[i]);
    return n - (saccade_events_outside() - outside);
}

uint8_t *saccade_frame(uint32_t *bytes)
{
    *bytes = 0;
    if (!loaded)
        return NULL;
    add_staged();
    uint32_t tensor = plan_word(INPUT), dtype = tensor_word(tensor, TENSOR_DTYPE);
    *bytes = elements(tensor) << (dtype == DTYPE_I32 ? 2 : dtype == DTYPE_I16 ? 1 : 0);
    return memory.data + arena_at + tensor_word(tensor, TENSOR_OFFSET);
}

static void clear_frame(void)
{
    uint32_t bytes;
    uint8_t *frame = saccade_frame(&bytes);
    if (frame != NULL)
        memset(frame, 0, bytes);
}

saccade_status saccade_step(void)
{
    if (!loaded)
        return SACCADE_NOT_LOADED;
    add_staged();
    saccade_status status = (saccade_status)w2c_engine_step(&engine, state_at);
    clear_frame();
    return status;
}

saccade_status saccade_begin_window(void)
{
    return loaded ? (saccade_status)w2c_engine_beginWindow(&engine, state_at) : SACCADE_NOT_LOADED;
}

saccade_status saccade_reset(void)
{
    if (!loaded)
        return SACCADE_NOT_LOADED;
    staged = 0;
    clear_frame();
    return (saccade_status)w2c_engine_reset(&engine, state_at);
}

const int32_t *saccade_output(uint32_t *n)
{
    *n = 0;
    if (!loaded)
        return NULL;
    uint32_t tensor = output_tensor(), dtype = tensor_word(tensor, TENSOR_DTYPE);
    const uint8_t *from = memory.data + arena_at + tensor_word(tensor, TENSOR_OFFSET);
    *n = elements(tensor);
    if (dtype == DTYPE_I32)
        return (const int32_t *)(const void *)from;
    for (uint32_t i = 0; i < *n; i++) {
        int16_t half;
        memcpy(&half, from + 2u * i, dtype == DTYPE_I16 ? sizeof half : 0u);
        widened[i] = dtype == DTYPE_I16 ? half : dtype == DTYPE_I8 ? (int8_t)from[i] : from[i];
    }
    return widened;
}

uint32_t saccade_saturations(void)
{
    return loaded ? word(state_at + 4u * STATE_SATURATIONS) : 0;
}

uint32_t saccade_events_outside(void)
{
    add_staged();
    return memory.data == NULL ? 0 : w2c_engine_eventsOutside(&engine);
}

uint32_t saccade_frame_saturations(void)
{
    add_staged();
    return memory.data == NULL ? 0 : w2c_engine_frameSaturations(&engine);
}

uint32_t saccade_version(void)
{
    return started() ? w2c_engine_version(&engine) : 0;
}

saccade_status saccade_run_ops(uint32_t first, uint32_t past)
{
    if (!loaded)
        return SACCADE_NOT_LOADED;
    add_staged();
    return (saccade_status)w2c_engine_runOps(&engine, state_at, first, past);
}
