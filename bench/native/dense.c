/* Dense convolution: blocks of pixels by 16 output channels, pair-wise multiply-adds, thresholds. No im2col: the inputs of a kernel row
   lie in one run. */
#include "network.h"

#define VECTORS (BLOCK / I32_LANES)
#define PIXELS (8 / VECTORS)

/* Counts of PIXELS neighbours, BLOCK channels. x: their first inputs, `step` apart; rows of `run` inputs, `pitch` apart. */
static inline void block(const int16_t *x, int step, int rows, int run, int pitch, const int16_t *pairs, const int16_t *thresholds,
                         uint8_t *out, int channels) {
  i32v sum[PIXELS][VECTORS] = {{{0}}};
  for (int row = 0; row < rows; row++, x += pitch)
    for (int k = 0; k < run; k += 2) {
      i16v weights[VECTORS];
      memcpy(weights, pairs, sizeof weights);
      pairs += 2 * BLOCK;
#pragma GCC unroll 8
      for (int p = 0; p < PIXELS; p++) {
        const i16v pair = splat_pair(x + p * step + k);
#pragma GCC unroll 8
        for (int v = 0; v < VECTORS; v++) sum[p][v] = multiply_add(sum[p][v], pair, weights[v]);
      }
    }
  for (int p = 0; p < PIXELS; p++)
    for (int v = 0; v < VECTORS; v += 2)
      store_u8(out + p * channels + v * I32_LANES, counts_of(narrow(sum[p][v], sum[p][v + 1]), thresholds + v * I32_LANES * MAX_COUNT));
}

/* Lines y, y + 1, … of an image as i16. */
static void widen(const uint8_t *from, int16_t *to, int n) {
  for (int i = 0; i < n; i++) to[i] = from[i];
}

void dense(const Layer *layer) {
  static int16_t lines[1 << 16];
  const Image in = layer->in, out = layer->out;
  const int side = layer->kernel, inset = 1 - side / 2, run = side * in.c, pitch = (in.w + 2) * in.c, step = layer->stride * in.c;
  for (int y = 0; y < out.h; y++) {
    widen(in.data + (y * layer->stride + inset) * pitch, lines, side * pitch);
    for (int b = 0; b < out.c / BLOCK; b++) {
      const int16_t *x = lines + inset * in.c;
      uint8_t *to = out.data + ((y + 1) * (out.w + 2) + 1) * out.c + b * BLOCK;
      for (int at = 0; at < out.w; at += PIXELS, x += PIXELS * step, to += PIXELS * out.c)
        block(x, step, side, run, pitch, layer->pairs + (long)b * side * run * BLOCK, layer->thresholds + b * BLOCK * MAX_COUNT, to, out.c);
    }
  }
}
