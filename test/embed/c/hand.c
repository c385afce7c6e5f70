/* One output pixel at a time: the spikes in its reach are listed, then their rows added four columns a word, lanes of 16 bits. */
#include "hand.h"

#include <stddef.h>

#define LANES 0x00ff00ffu
#define OFFSET 0x80808080u
#define MOST 128

static struct spike {
    const int8_t *row;
    int32_t value;
} list[MOST];
static int32_t listed, total;

typedef uint32_t __attribute__((may_alias)) word;

/* Four sums from column c on. */
static void put(int32_t c, uint32_t even, uint32_t odd, const int32_t *from, int32_t *out)
{
    int32_t extra = total * 128;
    out[c] = (from ? from[c] : 0) + (int32_t)(even & 0xffffu) - extra;
    out[c + 1] = (from ? from[c + 1] : 0) + (int32_t)(odd & 0xffffu) - extra;
    out[c + 2] = (from ? from[c + 2] : 0) + (int32_t)(even >> 16) - extra;
    out[c + 3] = (from ? from[c + 3] : 0) + (int32_t)(odd >> 16) - extra;
}

static void add_words(int32_t columns, const int32_t *from, int32_t *out)
{
    int32_t c = 0;
    for (; c + 8 <= columns; c += 8) {
        uint32_t a = 0, b = 0, d = 0, e = 0;
        for (const struct spike *spike = list; spike < list + listed; spike++) {
            const word *row = (const word *)(const void *)(spike->row + c);
            uint32_t low = row[0] ^ OFFSET, high = row[1] ^ OFFSET, value = (uint32_t)spike->value;
            a += (low & LANES) * value;
            b += (low >> 8 & LANES) * value;
            d += (high & LANES) * value;
            e += (high >> 8 & LANES) * value;
        }
        put(c, a, b, from, out);
        put(c + 4, d, e, from, out);
    }
    for (; c < columns; c += 4) {
        uint32_t a = 0, b = 0;
        for (const struct spike *spike = list; spike < list + listed; spike++) {
            uint32_t four = *(const word *)(const void *)(spike->row + c) ^ OFFSET, value = (uint32_t)spike->value;
            a += (four & LANES) * value;
            b += (four >> 8 & LANES) * value;
        }
        put(c, a, b, from, out);
    }
}

static void add_bytes(int32_t columns, const int32_t *from, int32_t *out)
{
    for (int32_t c = 0; c < columns; c++) {
        int32_t sum = from ? from[c] : 0;
        for (const struct spike *spike = list; spike < list + listed; spike++)
            sum += spike->row[c] * spike->value;
        out[c] = sum;
    }
}

static void add_listed(int32_t columns, const int32_t *from, int32_t *out)
{
    if (columns % 4 == 0)
        add_words(columns, from, out);
    else
        add_bytes(columns, from, out);
    listed = total = 0;
}

void hand_conv(const struct hand_conv *conv, const uint8_t *x, int32_t *out)
{
    int32_t columns = conv->co;
    for (int32_t oy = 0; oy < conv->oh; oy++) {
        for (int32_t ox = 0; ox < conv->ow; ox++, out += columns) {
            const int32_t *from = conv->bias;
            int32_t top = oy * conv->stride_y - conv->pad_top, left = ox * conv->stride_x - conv->pad_left;
            int32_t first = left < 0 ? -left : 0, past = conv->w - left < conv->kw ? conv->w - left : conv->kw;
            for (int32_t ky = 0; ky < conv->kh; ky++) {
                if (top + ky < 0 || top + ky >= conv->h)
                    continue;
                const uint8_t *at = x + ((top + ky) * conv->w + left + first) * conv->ci, *end = at + (past - first) * conv->ci;
                const int8_t *row = conv->weights + (ky * conv->kw + first) * conv->ci * columns;
                while (at < end) {
                    if (((uintptr_t)at & 3u) == 0 && end - at >= 4 && *(const word *)(const void *)at == 0) {
                        at += 4, row += 4 * columns;
                        continue;
                    }
                    int32_t value = *at++;
                    if (value != 0) {
                        if (listed == MOST || total + value > MOST) {
                            add_listed(columns, from, out);
                            from = out;
                        }
                        list[listed].row = row, list[listed++].value = value;
                        total += value;
                    }
                    row += columns;
                }
            }
            add_listed(columns, from, out);
        }
    }
}
