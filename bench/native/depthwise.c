/* Depthwise 3x3: nine taps of a vector of channels, 16-bit sums, thresholds. */
#include "network.h"

void depthwise(const Layer *layer) {
  const Image in = layer->in, out = layer->out;
  const int pitch = (in.w + 2) * in.c;
  for (int y = 0; y < out.h; y++)
    for (int c = 0; c < in.c; c += I16_LANES) {
      const uint8_t *x = in.data + y * layer->stride * pitch + c;
      uint8_t *to = out.data + ((y + 1) * (out.w + 2) + 1) * out.c + c;
      i16v taps[9];
      for (int tap = 0; tap < 9; tap++) memcpy(&taps[tap], layer->rows + tap * in.c + c, sizeof taps[tap]);
      for (int at = 0; at < out.w; at++, x += layer->stride * in.c, to += out.c) {
        i16v sum = {0};
#pragma GCC unroll 9
        for (int tap = 0; tap < 9; tap++) sum += load_u8(x + tap / 3 * pitch + tap % 3 * in.c) * taps[tap];
        store_u8(to, counts_of(sum, layer->thresholds + c * MAX_COUNT));
      }
    }
}
