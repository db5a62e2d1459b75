/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.ipc.sys;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;

/**
 * Native memory that one spawner thread uses again for every child it starts. It grows to the
 * largest argument and environment blocks seen (bounded by the kernel's own limit on them) and
 * lives as long as its thread, which for a spawner is for ever. Not safe for use by two threads.
 */
public final class SpawnArena {
  private static final int FIRST_STRINGS = 16 * 1024;

  private final Runtime runtime;
  final Pointer pid;
  final SpawnActions actions;
  private final Map<SpawnRequest.Group, Pointer> attributes =
      new EnumMap<>(SpawnRequest.Group.class);
  private Pointer strings;
  private int used;

  /** Whose strings are in the memory: those of one command are copied once for all its children. */
  private @Nullable SpawnRequest loaded;

  private long path;
  private long argv;
  private long environment;
  private long directory;
  private long terminal;

  /** Takes the memory and prepares the spawn attributes of each kind of group. */
  public SpawnArena() {
    Libc libc = Native.libc();
    runtime = Native.runtime();
    pid = Memory.allocateDirect(runtime, 16, true);
    actions = new SpawnActions(libc);
    strings = Memory.allocateDirect(runtime, FIRST_STRINGS, false);
    Pointer none = Memory.allocateDirect(runtime, Layout.SIGSET_SIZE, true);
    Pointer all = Memory.allocateDirect(runtime, Layout.SIGSET_SIZE, true);
    libc.sigemptyset(none.address());
    // sigfillset leaves out glibc's own two, which posix_spawn would then have the child ignore.
    all.putLong(0, -1);
    for (SpawnRequest.Group group : SpawnRequest.Group.values()) {
      Pointer made = Memory.allocateDirect(runtime, Layout.SPAWN_ATTRIBUTES_SIZE, true);
      int flags = Layout.SPAWN_SETSIGMASK | Layout.SPAWN_SETSIGDEF;
      flags |=
          switch (group) {
            case OWN, JOINED -> Layout.SPAWN_SETPGROUP;
            case SESSION -> Layout.SPAWN_SETSID;
            case INHERITED -> 0;
          };
      libc.posix_spawnattr_init(made.address());
      libc.posix_spawnattr_setsigmask(made.address(), none.address());
      libc.posix_spawnattr_setsigdefault(made.address(), all.address());
      libc.posix_spawnattr_setpgroup(made.address(), 0);
      libc.posix_spawnattr_setflags(made.address(), (short) flags);
      attributes.put(group, made);
    }
  }

  /** The prepared spawn attributes for the group of this request. */
  long attributes(SpawnRequest request) {
    long address = Objects.requireNonNull(attributes.get(request.group)).address();
    if (request.group == SpawnRequest.Group.JOINED) {
      Native.libc().posix_spawnattr_setpgroup(address, request.leader);
    }
    return address;
  }

  /** Copies the strings of a child into native memory, unless they are there. */
  void load(SpawnRequest request) {
    if (loaded != null && loaded.hasStringsOf(request)) {
      return;
    }
    loaded = null;
    begin(request.nativeSize());
    path = put(request.path);
    directory = request.directory == null ? 0 : put(request.directory);
    terminal = request.terminal == null ? 0 : put(request.terminal);
    argv = put(request.argv);
    environment = put(request.environment);
    loaded = request;
  }

  /** Addresses of what {@link #load} was given last. */
  long path() {
    return path;
  }

  long argv() {
    return argv;
  }

  long environment() {
    return environment;
  }

  /** 0 where the child has none of its own. */
  long directory() {
    return directory;
  }

  /** 0 where the child has none of its own. */
  long terminal() {
    return terminal;
  }

  private void begin(int bytes) {
    if (bytes > strings.size()) {
      strings = Memory.allocateDirect(runtime, Math.max(bytes, (int) strings.size() * 2), false);
    }
    used = 0;
  }

  /** Copies a C string that has its NUL; the answer is its address. */
  private long put(byte[] string) {
    strings.put(used, string, 0, string.length);
    long address = strings.address() + used;
    used += StringBlock.align(string.length);
    return address;
  }

  /** Copies the strings and their NULL-terminated pointer array; the answer is its address. */
  private long put(StringBlock block) {
    strings.put(used, block.bytes, 0, block.bytes.length);
    long first = strings.address() + used;
    used += StringBlock.align(block.bytes.length);
    int array = used;
    for (int offset : block.offsets) {
      strings.putLong(used, first + offset);
      used += Long.BYTES;
    }
    strings.putLong(used, 0);
    used = StringBlock.align(used + Long.BYTES);
    return strings.address() + array;
  }
}
