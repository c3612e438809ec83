/*
 * Plays the owner of a rule path who puts a link in the place of a folder while somebody else works there.
 *
 * As a library (LD_PRELOAD): each folder called SWAP_NAME is moved away as soon as it is made, and a link to SWAP_TO is
 * put in its place. As a program: exchanges two paths for as long as it runs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef AS_PROGRAM
int main(int count, char **paths) {
  if (count != 3) return 2;
  for (;;) {
    renameat2(-100, paths[1], -100, paths[2], RENAME_EXCHANGE);
    usleep(rand() % 2000);
  }
}
#else
int mkdir(const char *path, mode_t mode) {
  int (*real)(const char *, mode_t) = (int (*)(const char *, mode_t))dlsym(RTLD_NEXT, "mkdir");
  const char *name = getenv("SWAP_NAME"), *to = getenv("SWAP_TO"), *slash = strrchr(path, '/');
  int result = real(path, mode);
  if (result == 0 && name && to && slash && strcmp(slash + 1, name) == 0) {
    char aside[PATH_MAX];
    snprintf(aside, sizeof aside, "%s.aside", path);
    if (rename(path, aside) == 0 && symlink(to, path) != 0) perror("swap");
  }
  return result;
}
#endif
