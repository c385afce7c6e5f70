/* The C API around the generated engine: where things lie in RAM, and what a plan's header asks for before the gate reads the rest. */
#include "saccade.h"

#include <stddef.h>

/* SACCADE_OPS, a bit for each operator, and SACCADE_RAM_BYTES: given to the compiler, or in a file of yours. */
#ifndef SACCADE_OPS
#include "saccade_config.h"
#endif

#include "saccade_wasm.h"

#include "saccade_engine.c"

#define ALIGN 16u
#define ROUNDED(n) (((n) + ALIGN - 1u) & ~(ALIGN - 1u))

/* Words of a plan's header, of a tensor record and of an op record (models/FORMAT.md 5). */
enum { PLAN_BYTES = 2, TENSORS = 3, OPS = 4, CONSTANTS_BYTES = 6, ARENA_BYTES = 7, STATE_BYTES = 8, INPUT = 10, HEADER_WORDS = 20 };
enum { TENSOR_DTYPE = 0, TENSOR_OFFSET = 2, TENSOR_H = 3, TENSOR_W = 4, TENSOR_C = 5, TENSOR_WORDS = 8, OP_WORDS = 32 };
enum { DTYPE_U8 = 0, DTYPE_I8 = 1, DTYPE_I16 = 2, DTYPE_I32 = 3 };
enum { STATE_SATURATIONS = 5 };
/* Bytes that a count or size in the header may say at most, so that sums of them cannot wrap. */
#define MOST_BYTES 0x10000000u

static u32 arena_at, state_at, wanted;
static u32 loaded;
/* The frame has been stepped on. */
static u32 stepped;

static u32 plan_word(u32 at)
{
    return ((const u32 *)(const void *)plan_bytes)[at];
}

static u32 tensor_word(u32 tensor, u32 field)
{
    return plan_word(HEADER_WORDS + tensor * TENSOR_WORDS + field);
}

static u32 output_tensor(void)
{
    return plan_word(HEADER_WORDS + plan_word(TENSORS) * TENSOR_WORDS + plan_word(OPS) * OP_WORDS);
}

static u32 tensor_elements(u32 tensor)
{
    return tensor_word(tensor, TENSOR_H) * tensor_word(tensor, TENSOR_W) * tensor_word(tensor, TENSOR_C);
}

static saccade_status told(u32 status)
{
    return saccade_trapped ? SACCADE_TRAPPED : (saccade_status)status;
}

/* Gives the plan's parts their places: scratch, arena, state. */
static saccade_status place(u32 bytes, u32 *constants_at)
{
    u32 plan = plan_word(PLAN_BYTES), constants = plan_word(CONSTANTS_BYTES), arena = plan_word(ARENA_BYTES), state = plan_word(STATE_BYTES);
    if (plan > bytes || constants > bytes || ROUNDED(plan) + constants > bytes)
        return SACCADE_BAD_LENGTH;
    if (arena > MOST_BYTES || state > MOST_BYTES)
        return SACCADE_BAD_COUNT;
    *constants_at = ROUNDED(plan);
    arena_at = RAM_AT + SACCADE_SCRATCH_BYTES;
    state_at = arena_at + ROUNDED(arena) + ALIGN;
    wanted = ROUNDED(arena) + ALIGN + ROUNDED(state);
    return wanted > RAM_BYTES - SACCADE_SCRATCH_BYTES ? SACCADE_ARENA_TOO_SMALL : SACCADE_OK;
}

/* An output that is not i32 is widened into the scratch, which is free between steps. Only after the gate. */
static saccade_status check_output(void)
{
    u32 tensor = output_tensor();
    return tensor_word(tensor, TENSOR_DTYPE) == DTYPE_I32 || tensor_elements(tensor) <= SACCADE_SCRATCH_BYTES / 4u ? SACCADE_OK : SACCADE_BAD_TENSOR;
}

saccade_status saccade_load(const void *plan, uint32_t bytes)
{
    loaded = saccade_trapped = wanted = 0;
    if (((uintptr_t)plan & (ALIGN - 1u)) != 0)
        return SACCADE_BAD_ALIGNMENT;
    if (plan == NULL || bytes < 4u * HEADER_WORDS || bytes > MOST_BYTES)
        return SACCADE_BAD_LENGTH;
    plan_bytes = plan;
    plan_size = bytes;
    u32 constants_at = 0, status = place(bytes, &constants_at);
    if (status == SACCADE_OK)
        status = engine_load(PLAN_AT, plan_word(PLAN_BYTES), PLAN_AT + constants_at, plan_word(CONSTANTS_BYTES), arena_at, plan_word(ARENA_BYTES), RAM_AT);
    if (status == SACCADE_OK)
        status = check_output();
    loaded = status == SACCADE_OK && !saccade_trapped;
    return loaded ? saccade_reset() : told(status);
}

uint32_t saccade_fault(void)
{
    return engine_fault();
}

uint32_t saccade_ram_wanted(void)
{
    return wanted;
}

/* Empties the frame when it is the last step's: not sooner, for an output may be the input. */
static void begin_frame(void)
{
    if (stepped) {
        stepped = 0;
        engine_clearFrame();
    }
}

void saccade_event(uint16_t x, uint16_t y, uint8_t p)
{
    if (!loaded)
        return;
    begin_frame();
    engine_addEvent(x, y, p);
}

uint32_t saccade_events(const uint16_t *x, const uint16_t *y, const uint8_t *p, uint32_t n)
{
    if (!loaded)
        return 0;
    u32 outside = engine_eventsOutside();
    begin_frame();
    for (u32 i = 0; i < n; i++)
        engine_addEvent(x[i], y[i], p[i]);
    return n - (engine_eventsOutside() - outside);
}

uint8_t *saccade_frame(uint32_t *bytes)
{
    *bytes = 0;
    if (!loaded)
        return NULL;
    begin_frame();
    u32 tensor = plan_word(INPUT), dtype = tensor_word(tensor, TENSOR_DTYPE);
    *bytes = tensor_elements(tensor) << (dtype == DTYPE_I32 ? 2 : dtype == DTYPE_I16 ? 1 : 0);
    return ram_at(arena_at + tensor_word(tensor, TENSOR_OFFSET));
}

saccade_status saccade_step(void)
{
    if (!loaded)
        return SACCADE_NOT_LOADED;
    begin_frame();
    stepped = 1;
    return told(engine_step(state_at));
}

saccade_status saccade_begin_window(void)
{
    return loaded ? told(engine_beginWindow(state_at)) : SACCADE_NOT_LOADED;
}

saccade_status saccade_reset(void)
{
    if (!loaded)
        return SACCADE_NOT_LOADED;
    stepped = 1;
    begin_frame();
    return told(engine_reset(state_at));
}

const int32_t *saccade_output(uint32_t *n)
{
    *n = 0;
    if (!loaded)
        return NULL;
    u32 tensor = output_tensor(), dtype = tensor_word(tensor, TENSOR_DTYPE), at = arena_at + tensor_word(tensor, TENSOR_OFFSET);
    *n = tensor_elements(tensor);
    if (dtype == DTYPE_I32)
        return ram_at(at);
    for (u32 i = 0; i < *n; i++) {
        u32 value = dtype == DTYPE_I16 ? i32_load16_s(at + 2u * i) : dtype == DTYPE_I8 ? i32_load8_s(at + i) : i32_load8_u(at + i);
        i32_store(RAM_AT + 4u * i, value);
    }
    return ram_at(RAM_AT);
}

uint32_t saccade_saturations(void)
{
    return loaded ? i32_load(state_at + 4u * STATE_SATURATIONS) : 0;
}

uint32_t saccade_events_outside(void)
{
    return engine_eventsOutside();
}

uint32_t saccade_frame_saturations(void)
{
    return engine_frameSaturations();
}

uint32_t saccade_version(void)
{
    return engine_version();
}

saccade_status saccade_run_ops(uint32_t first, uint32_t past)
{
    return loaded ? told(engine_runOps(state_at, first, past)) : SACCADE_NOT_LOADED;
}
