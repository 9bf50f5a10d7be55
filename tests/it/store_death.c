/* Kills the process at a write to its store: loaded before the C library, it stands between SQLite and the disk.

   What to do is read from the file that DMCTL_DEATH names: a letter, and how many writes of the store are let through before. A write of
   the store ends with the sync of its log. t: dies with half of its first piece in the log. b: dies before the sync. a: dies after it. The
   file is taken away at death, so that it happens once and can be seen. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_log(int file) {
	char link[64], path[4096];
	snprintf(link, sizeof link, "/proc/self/fd/%d", file);
	ssize_t length = readlink(link, path, sizeof path);
	return length > 4 && memcmp(path + length - 4, "-wal", 4) == 0;
}

static char order(int *left) {
	const char *path = getenv("DMCTL_DEATH");
	char letter = 0;
	FILE *file = path ? fopen(path, "r") : NULL;
	if (file) {
		if (fscanf(file, "%c %d", &letter, left) != 2) letter = 0;
		fclose(file);
	}
	return letter;
}

static void die(void) {
	unlink(getenv("DMCTL_DEATH"));
	kill(getpid(), SIGKILL);
	for (;;) pause();
}

typedef ssize_t (*writer)(int, const void *, size_t, off_t);

static ssize_t torn(int file, const void *bytes, size_t count, off_t place, writer own) {
	int left = 0;
	if (count > 1 && is_log(file) && order(&left) == 't' && left == 0) {
		own(file, bytes, count / 2, place);
		die();
	}
	return own(file, bytes, count, place);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t place) {
	return torn(file, bytes, count, place, (writer)dlsym(RTLD_NEXT, "pwrite"));
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t place) {
	return torn(file, bytes, count, place, (writer)dlsym(RTLD_NEXT, "pwrite64"));
}

static int synced(int file, int (*own)(int)) {
	int left = 0;
	char letter = is_log(file) ? order(&left) : 0;
	if (letter == 'b' && left == 0) die();
	int result = own(file);
	if (letter == 'a' && left == 0) die();
	if (letter) {
		FILE *again = fopen(getenv("DMCTL_DEATH"), "w");
		if (again) {
			fprintf(again, "%c %d", letter, left - 1);
			fclose(again);
		}
	}
	return result;
}

int fsync(int file) {
	return synced(file, (int (*)(int))dlsym(RTLD_NEXT, "fsync"));
}

int fdatasync(int file) {
	return synced(file, (int (*)(int))dlsym(RTLD_NEXT, "fdatasync"));
}
