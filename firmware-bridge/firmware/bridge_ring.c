#include "bridge.h"

#include <string.h>

/* What the other side writes is read with acquire, what it reads is written with release. */
#if defined(__GNUC__)
#define LOAD(index) __atomic_load_n(&(index), __ATOMIC_ACQUIRE)
#define STORE(index, value) __atomic_store_n(&(index), (value), __ATOMIC_RELEASE)
#else
/* A single core, and a compiler that keeps volatile accesses in order with calls of memcpy. */
#define LOAD(index) (*(const volatile uint32_t *)&(index))
#define STORE(index, value) (*(volatile uint32_t *)&(index) = (value))
#endif

void bridge_ring_init(struct bridge_ring *ring, uint8_t *bytes, uint32_t capacity)
{
    ring->bytes = bytes;
    ring->mask = capacity - 1u;
    ring->wrote = ring->took = 0;
}

uint32_t bridge_ring_used(const struct bridge_ring *ring)
{
    return LOAD(ring->wrote) - LOAD(ring->took);
}

bool bridge_ring_put(struct bridge_ring *ring, const void *bytes, uint32_t n)
{
    uint32_t wrote = ring->wrote, capacity = ring->mask + 1u, at = wrote & ring->mask;
    uint32_t first = n < capacity - at ? n : capacity - at;
    if (n > capacity - (wrote - LOAD(ring->took)))
        return false;
    memcpy(ring->bytes + at, bytes, first);
    memcpy(ring->bytes, (const uint8_t *)bytes + first, n - first);
    STORE(ring->wrote, wrote + n);
    return true;
}

bool bridge_ring_get(struct bridge_ring *ring, void *bytes, uint32_t n)
{
    uint32_t took = ring->took, capacity = ring->mask + 1u, at = took & ring->mask;
    uint32_t first = n < capacity - at ? n : capacity - at;
    if (n > LOAD(ring->wrote) - took)
        return false;
    memcpy(bytes, ring->bytes + at, first);
    memcpy((uint8_t *)bytes + first, ring->bytes, n - first);
    STORE(ring->took, took + n);
    return true;
}

uint32_t bridge_ring_peek(const struct bridge_ring *ring, const uint8_t **bytes)
{
    uint32_t took = ring->took, at = took & ring->mask, used = LOAD(ring->wrote) - took;
    *bytes = ring->bytes + at;
    return used < ring->mask + 1u - at ? used : ring->mask + 1u - at;
}

void bridge_ring_drop(struct bridge_ring *ring, uint32_t n)
{
    STORE(ring->took, ring->took + n);
}
