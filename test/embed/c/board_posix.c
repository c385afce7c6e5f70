/* board.h on this machine. */
#include "board.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void board_exit(int code)
{
    exit(code);
}

int board_open(const char *name, const char *mode)
{
    return mode[0] == 'w' ? open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600) : open(name, O_RDONLY);
}

uint32_t board_read(int file, void *bytes, uint32_t n)
{
    uint32_t got = 0;
    for (ssize_t some = 1; got < n && some > 0; got += some > 0 ? (uint32_t)some : 0)
        some = read(file, (uint8_t *)bytes + got, n - got);
    return got;
}

uint32_t board_write(int file, const void *bytes, uint32_t n)
{
    ssize_t wrote = n == 0 ? 0 : write(file, bytes, n);
    return wrote < 0 ? 0 : (uint32_t)wrote;
}

void board_start_ticks(void)
{
}

uint32_t board_ticks(void)
{
    return 0;
}
