/*
 * Runs a network over the script "events" op by op, and writes SysTick's ticks to the file "ticks", u32: of each of COUNTED ops, then of the
 * weighted ones among them as hand.c does them. Ends with 104 when a sum of hand.c's differs from the engine's.
 */
#include "board.h"
#include "hand.h"
#include "network.h"
#include "saccade.h"
#include "script.h"

#include <stddef.h>

/* Words of a plan (models/FORMAT.md 5). */
enum { PLAN_BYTES = 2, TENSORS = 3, INPUT = 10, HEADER_WORDS = 20, TENSOR_WORDS = 8, OP_WORDS = 32, CONV2D = 1, LINEAR = 4, NONE = -1 };

static uint32_t ticks[2 * COUNTED];
static int32_t sums[MOST_SUMS];

static const uint32_t *tensor(uint32_t index)
{
    return &PLAN[HEADER_WORDS + index * TENSOR_WORDS];
}

static uint32_t elements(const uint32_t *tensor)
{
    return tensor[3] * tensor[4] * tensor[5];
}

static const uint32_t *op_record(uint32_t index)
{
    return &PLAN[HEADER_WORDS + PLAN[TENSORS] * TENSOR_WORDS + index * OP_WORDS];
}

/* What stands in the op's record, for hand.c. */
static struct hand_conv conv_of(const uint32_t *op)
{
    const uint32_t *from = tensor(op[1]), *to = tensor(op[3]);
    const int8_t *constants = (const int8_t *)PLAN + ((PLAN[PLAN_BYTES] + 15u) & ~15u);
    struct hand_conv conv = {
        (int32_t)from[3], (int32_t)from[4], (int32_t)from[5], (int32_t)to[3], (int32_t)to[4], (int32_t)to[5],
        (int32_t)op[6], (int32_t)op[7], (int32_t)op[8], (int32_t)op[9], (int32_t)op[10], (int32_t)op[11],
        constants + op[4], (int32_t)op[5] == NONE ? NULL : (const int32_t *)(const void *)(constants + op[5])};
    if (op[0] == LINEAR) {
        conv.ci = (int32_t)elements(from);
        conv.h = conv.w = conv.kh = conv.kw = conv.stride_y = conv.stride_x = 1;
        conv.pad_top = conv.pad_left = 0;
    }
    return conv;
}

static void by_hand(uint32_t index, const uint8_t *arena)
{
    const uint32_t *op = op_record(index);
    struct hand_conv conv = conv_of(op);
    uint32_t from = board_ticks(), n = elements(tensor(op[3]));
    hand_conv(&conv, arena + tensor(op[1])[2], sums);
    ticks[COUNTED + index] += (board_ticks() - from) & 0xffffffu;
    const int32_t *engine = (const int32_t *)(const void *)(arena + tensor(op[3])[2]);
    for (uint32_t i = 0; i < n; i++) {
        if (n > MOST_SUMS || sums[i] != engine[i])
            board_exit(104);
    }
}

static saccade_status step(void)
{
    saccade_status status = SACCADE_OK;
    uint32_t bytes;
    uint8_t *frame = saccade_frame(&bytes);
    for (uint32_t op = 0; op < COUNTED && status == SACCADE_OK; op++) {
        uint32_t from = board_ticks(), code = op_record(op)[0];
        status = saccade_run_ops(op, op + 1);
        ticks[op] += (board_ticks() - from) & 0xffffffu;
        if (code == CONV2D || code == LINEAR)
            by_hand(op, frame - tensor(PLAN[INPUT])[2]);
    }
    while (bytes > 0)
        frame[--bytes] = 0;
    return status;
}

int main(void)
{
    int events = board_open("events", "rb");
    saccade_status status = saccade_load(PLAN, PLAN_BLOB_BYTES);
    board_start_ticks();
    status = script_run(events, status, step);
    board_write(board_open("ticks", "wb"), ticks, sizeof ticks);
    return (int)status;
}
