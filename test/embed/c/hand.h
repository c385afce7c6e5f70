/* The engine's weighted kernels for u8 counts and int8 weights, written by hand in C: what generated C is measured beside. */
#ifndef HAND_H
#define HAND_H

#include <stdint.h>

struct hand_conv {
    int32_t h, w, ci, oh, ow, co;
    int32_t kh, kw, stride_y, stride_x, pad_top, pad_left;
    const int8_t *weights; /* [kh, kw, ci, co] */
    const int32_t *bias;   /* [co] or NULL */
};

/*
 * out[oy, ox, o] = bias[o] + sum of x * weights, i32. Counts up to 128, rows of weights and of inputs whole words or not.
 * A linear layer is a convolution of kernel [1, 1] on one pixel of h * w * ci channels.
 */
void hand_conv(const struct hand_conv *conv, const uint8_t *x, int32_t *out);

#endif
