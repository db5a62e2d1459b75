/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */

/*
 * The partner of all who are compared over a Unix stream socket, and the reference among them:
 *
 *   partner serve PATH     does what each connection asks for, one after the other
 *   partner measure PATH   answers orders on stdin by figures, as SocketPeerMain does
 *
 * A connection begins with a role and 8 bytes of a little-endian count: S writes so many bytes, K
 * reads them and answers one byte, E echoes until the end of file.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, TRIP = 64 };

static char chunk[CHUNK];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void write_all(int fd, const char *from, size_t count) {
  while (count > 0) {
    ssize_t n = write(fd, from, count);
    if (n < 0) {
      fail("write");
    }
    from += n;
    count -= (size_t)n;
  }
}

/* 0 at an end of file before all of it came. */
static int read_all(int fd, char *to, size_t count) {
  while (count > 0) {
    ssize_t n = read(fd, to, count);
    if (n < 0) {
      fail("read");
    }
    if (n == 0) {
      return 0;
    }
    to += n;
    count -= (size_t)n;
  }
  return 1;
}

static void source(int fd, uint64_t left) {
  while (left > 0) {
    size_t n = left < CHUNK ? (size_t)left : CHUNK;
    write_all(fd, chunk, n);
    left -= n;
  }
}

static void sink(int fd, uint64_t left) {
  while (left > 0) {
    ssize_t n = read(fd, chunk, left < CHUNK ? (size_t)left : CHUNK);
    if (n <= 0) {
      return;
    }
    left -= (uint64_t)n;
  }
  write_all(fd, chunk, 1);
}

static void echo(int fd) {
  ssize_t n;
  while ((n = read(fd, chunk, CHUNK)) > 0) {
    write_all(fd, chunk, (size_t)n);
  }
}

static struct sockaddr_un address(const char *path) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof name.sun_path) {
    fprintf(stderr, "the path is too long: %s\n", path);
    exit(1);
  }
  strcpy(name.sun_path, path);
  return name;
}

static void serve(const char *path) {
  struct sockaddr_un name = address(path);
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (server < 0 || bind(server, (struct sockaddr *)&name, sizeof name) < 0 ||
      listen(server, 16) < 0) {
    fail("listen");
  }
  for (;;) {
    unsigned char header[9];
    int fd = accept(server, NULL, NULL);
    if (fd < 0) {
      fail("accept");
    }
    if (read_all(fd, (char *)header, sizeof header)) {
      uint64_t count = 0;
      for (int i = 7; i >= 0; i--) {
        count = count << 8 | header[1 + i];
      }
      if (header[0] == 'S') {
        source(fd, count);
      } else if (header[0] == 'K') {
        sink(fd, count);
      } else {
        echo(fd);
      }
    }
    close(fd);
  }
}

static int connect_to(const char *path, char role, uint64_t count) {
  struct sockaddr_un name = address(path);
  unsigned char header[9] = {(unsigned char)role};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) < 0) {
    fail("connect");
  }
  for (int i = 0; i < 8; i++) {
    header[1 + i] = (unsigned char)(count >> (8 * i));
  }
  write_all(fd, (char *)header, sizeof header);
  return fd;
}

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int by_value(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

/* What waits for input: read itself, or epoll first, as an event loop does. */
static void trips(const char *path, uint64_t count, int with_epoll) {
  uint64_t *nanos = malloc(count * sizeof *nanos);
  int fd = connect_to(path, 'E', 0);
  int loop = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN | EPOLLET};
  if (loop < 0 || epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event) < 0) {
    fail("epoll");
  }
  for (uint64_t i = 0; i < count; i++) {
    uint64_t start = now();
    write_all(fd, chunk, TRIP);
    if (with_epoll && epoll_wait(loop, &event, 1, -1) < 0) {
      fail("epoll_wait");
    }
    if (!read_all(fd, chunk, TRIP)) {
      exit(1);
    }
    nanos[i] = now() - start;
  }
  close(loop);
  close(fd);
  qsort(nanos, count, sizeof *nanos, by_value);
  printf("%.2f %.2f\n", nanos[count / 2] / 1e3, nanos[count - count / 100 - 1] / 1e3);
  free(nanos);
}

static void stream(const char *path, int receiving, uint64_t count) {
  uint64_t start = now();
  int fd = connect_to(path, receiving ? 'S' : 'K', count);
  if (receiving) {
    uint64_t got = 0;
    ssize_t n;
    while ((n = read(fd, chunk, CHUNK)) > 0) {
      got += (uint64_t)n;
    }
    if (got != count) {
      exit(1);
    }
  } else {
    source(fd, count);
    if (!read_all(fd, chunk, 1)) {
      exit(1);
    }
  }
  close(fd);
  printf("%.4f\n", (double)count / (double)(now() - start) * 1e9 / (double)(1u << 30));
}

static void measure(const char *path) {
  char order[16];
  unsigned long long count;
  while (scanf("%15s %llu", order, &count) == 2) {
    if (strcmp(order, "trips") == 0) {
      trips(path, count, 0);
    } else if (strcmp(order, "loop") == 0) {
      trips(path, count, 1);
    } else {
      stream(path, strcmp(order, "receive") == 0, count);
    }
    fflush(stdout);
  }
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "serve") == 0) {
    serve(argv[2]);
  } else if (argc == 3 && strcmp(argv[1], "measure") == 0) {
    measure(argv[2]);
  }
  return argc == 3 ? 0 : 2;
}
