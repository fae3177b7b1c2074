/* A disk that fails at the N-th write: preloaded into the daemon of a test, told by a mapped file what to do.
 *
 * Counted is whatever changes a file whose path contains `part`: writes, syncs, truncations, space taken, files made.
 * From the `first` to the `last` of them each fails with `error` and changes nothing. first 0: a healthy disk. Whoever
 * removes a file with `spare` in its path makes room: the next `room` of them succeed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* As `sick_disk.py` writes it. */
static struct {
    _Atomic uint64_t first, last, seen, failed;
    uint64_t room;
    int64_t error;
    char part[40], spare[40];
} *order;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("SICK_DISK");
    int file = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof *order, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED) order = mapped;
}

static int path_fails(const char *path) {
    if (strstr(path, order->part) == NULL) return 0;
    uint64_t seen = atomic_fetch_add(&order->seen, 1) + 1;
    if (seen < order->first || seen > order->last) return 0;
    atomic_fetch_add(&order->failed, 1);
    return (int)order->error;
}

/* The error number, 0 for none. */
static int fails(int file) {
    char link[32], path[4096];
    if (order == NULL || order->first == 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return path_fails(path);
}

static int making_fails(const char *path, int flags) {
    if (order == NULL || order->first == 0 || !(flags & O_CREAT) || access(path, F_OK) == 0) return 0;
    return path_fails(path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define SICK(type, name, parameters, ...) \
    type name parameters { \
        int error = fails(file); \
        if (error) { errno = error; return -1; } \
        return NEXT(name)(__VA_ARGS__); \
    }
#define SICK_SPACE(name, size) \
    int name(int file, size from, size length) { \
        int error = fails(file); \
        return error ? error : NEXT(name)(file, from, length); \
    }
#define SICK_OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        int error = making_fails(path, flags); \
        if (error) { errno = error; return -1; } \
        return NEXT(name)(path, flags, mode); \
    }

SICK(ssize_t, write, (int file, const void *data, size_t length), file, data, length)
SICK(ssize_t, pwrite, (int file, const void *data, size_t length, off_t at), file, data, length, at)
SICK(ssize_t, pwrite64, (int file, const void *data, size_t length, off64_t at), file, data, length, at)
SICK(int, fsync, (int file), file)
SICK(int, fdatasync, (int file), file)
SICK(int, ftruncate, (int file, off_t length), file, length)
SICK(int, ftruncate64, (int file, off64_t length), file, length)
SICK_SPACE(posix_fallocate, off_t)
SICK_SPACE(posix_fallocate64, off64_t)
SICK_OPEN(open)
SICK_OPEN(open64)

int unlink(const char *path) {
    int done = NEXT(unlink)(path);
    if (done == 0 && order != NULL && order->first != 0 && order->spare[0] != 0 && strstr(path, order->spare) != NULL)
        order->first = order->seen + 1 + order->room;
    return done;
}
