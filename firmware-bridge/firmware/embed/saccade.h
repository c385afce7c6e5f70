/*
 * Saccade's engine on a microcontroller: the same integers, from the same plan, as everywhere else. C99, no allocation, no libc, no float.
 *
 *     saccade export nmnist --target c -o network     writes nmnist.h and nmnist.c
 *
 * saccade.c is compiled with the operators and the RAM that the network wants, given as -DSACCADE_OPS and -DSACCADE_RAM_BYTES, or in a
 * file saccade_config.h, which is looked for when SACCADE_OPS is not given:
 *
 *     #include "nmnist.h"
 *     #define SACCADE_OPS SACCADE_NMNIST_OPS                 several networks: the ops of all, joined by |
 *     #define SACCADE_RAM_BYTES SACCADE_NMNIST_RAM_BYTES     and the greatest of their RAM
 *
 *     saccade_load(saccade_nmnist_plan, SACCADE_NMNIST_BYTES);
 *     for (;;) {
 *         saccade_begin_window();
 *         for (int t = 0; t < SACCADE_NMNIST_TIMESTEPS; t++) {
 *             ... saccade_event(x, y, p) for every event of SACCADE_NMNIST_SLICE_US ...
 *             saccade_step();
 *         }
 *         logits = saccade_output(&n);
 *     }
 *
 * The plan stays where it is (flash) and must not change while it is loaded. RAM is one static block of SACCADE_SCRATCH_BYTES and
 * SACCADE_RAM_BYTES, and some 150 bytes beside it. There is one engine in a program, and no function here may be called from two contexts at once.
 *
 * Each comment ends with the bytes of stack that a call takes at most on a Cortex-M3 at -O2, all it calls included, whatever the network
 * (test/embed/stack.test.ts); docs/microcontroller.md has other cores.
 */
#ifndef SACCADE_H
#define SACCADE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 1 to 14 are the gate's (assembly/abi.ts, Status): what is wrong with a plan. */
typedef enum saccade_status {
    SACCADE_OK = 0,
    SACCADE_BAD_MAGIC = 1,
    SACCADE_BAD_VERSION = 2,
    SACCADE_BAD_LENGTH = 3,
    SACCADE_BAD_COUNT = 4,
    SACCADE_BAD_TENSOR = 5,
    SACCADE_BAD_OP = 6, /* among others: an operator that SACCADE_OPS leaves out */
    SACCADE_BAD_SHAPE = 7,
    SACCADE_BAD_OFFSET = 8,
    SACCADE_BAD_ALIGNMENT = 9,
    SACCADE_BAD_PARAMETER = 10,
    SACCADE_BAD_RANGE = 11,
    SACCADE_ARENA_TOO_SMALL = 12, /* SACCADE_RAM_BYTES is less than the plan wants: saccade_ram_wanted */
    SACCADE_NOT_LOADED = 13,
    SACCADE_BAD_STATE = 14,
    SACCADE_TRAPPED = 15 /* the engine left its memory, or divided by zero: the plan has changed since it was loaded. Load again */
} saccade_status;

/* Bytes of RAM that no network decides: lists of spikes, and neurons in flight. */
#define SACCADE_SCRATCH_BYTES 1024u

/*
 * Checks a plan, every word of it, and makes it the engine's; its stream begins at rest, its frame empty.
 * plan: 16-aligned; the plan section of a package, zeros up to a multiple of 16, its tensors section. bytes: all of it.
 * On any other status than OK nothing is loaded, and every call but this one does nothing. Stack: 376.
 */
saccade_status saccade_load(const void *plan, uint32_t bytes);
/* Index of the tensor (BAD_TENSOR) or of the op that the last load refused. Stack: 0. */
uint32_t saccade_fault(void);
/* SACCADE_RAM_BYTES that the last plan given to saccade_load wants, when its header could be read; 0 otherwise. Stack: 0. */
uint32_t saccade_ram_wanted(void);

/* Adds an event to the frame that the next step sees. p: 0 OFF, else ON. One that lies outside the sensor is counted. Stack: 48. */
void saccade_event(uint16_t x, uint16_t y, uint8_t p);
/* The same for n events in columns. Returns how many lay on the sensor. Stack: 56. */
uint32_t saccade_events(const uint16_t *x, const uint16_t *y, const uint8_t *p, uint32_t n);
/*
 * The frame itself, the input tensor [h, w, c] of its own type, all zeros after a step, for networks whose input is not events. No value may
 * pass the tensor's bound. NULL, and bytes 0, when no plan is loaded. Stack: 20.
 */
uint8_t *saccade_frame(uint32_t *bytes);

/* One timestep on the frame; the next event begins an empty one. Stack: 576. */
saccade_status saccade_step(void);
/* Begins a window: readouts return to zero. Stack: 48. */
saccade_status saccade_begin_window(void);
/* Begins anew: potentials, delays and counters to zero, the frame empty. Stack: 24. */
saccade_status saccade_reset(void);

/*
 * The first output after the last step, the logits: n integers, valid until the next call. NULL, and n 0, when no plan is loaded. (Those of
 * another type than i32 are widened: the gate takes such an output with up to 256 elements.) Stack: 24.
 */
const int32_t *saccade_output(uint32_t *n);

/* Values that saturated since reset; stops at 2^32 - 1. Stack: 0. */
uint32_t saccade_saturations(void);
/* Events outside the sensor, and events that met a pixel at its cap, since the program began; they wrap at 2^32. Stack: 0. */
uint32_t saccade_events_outside(void);
uint32_t saccade_frame_saturations(void);
/* The plan ABI that this engine runs. Stack: 0. */
uint32_t saccade_version(void);

/* For measurements: ops first .. past - 1 of a timestep, on what stands in memory, without ending the timestep. Stack: 584. */
saccade_status saccade_run_ops(uint32_t first, uint32_t past);

#ifdef __cplusplus
}
#endif

#endif
