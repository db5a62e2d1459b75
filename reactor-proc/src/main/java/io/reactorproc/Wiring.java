/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What each descriptor of a child will be: the command's settings, seen from the way it is run.
 * Computed before anything is started, so that what does not fit is refused by then.
 */
final class Wiring {
  private static final int HIGHEST_EXTRA = 255;

  /** The ways to run. */
  enum Mode {
    OUTPUT,
    BYTES,
    EVENTS,
    EXIT,
    START
  }

  /** What becomes of bytes that come through the JVM. */
  enum Use {
    /** The subscriber has them, by demand. */
    STREAM,
    /** A stage in Java has them, by its demand. */
    STAGE,
    /** Kept up to the limit. */
    CAPTURE,
    /** Head and tail are kept. */
    EXCERPT,
    /** Read and dropped. */
    DRAIN
  }

  /** What one descriptor is; the child's number stands in the {@link Port}. */
  sealed interface End {}

  record Null() implements End {}

  record Inherited() implements End {}

  record File(Path path, Access access) implements End {}

  record SameAsStdout() implements End {}

  record InputPipe(Stdin from) implements End {}

  /** A file in memory that the child reads; a pipe that we write where that cannot be had. */
  record Memory(Stdin.Memory from) implements End {}

  /** The pipe to the next stage; the JVM holds neither end of it once the children run. */
  record ToNext() implements End {}

  /** The pipe from the stage before. */
  record FromBefore() implements End {}

  /** A pipe that we write what a stage in Java makes of the output of the stage before. */
  record StageInput(JavaStage stage) implements End {}

  /** A pipe that the child writes and a tap moves on. */
  record ToTap() implements End {}

  /** A pipe that a tap moves the output of the stage before into. */
  record TapInput(TapStage stage) implements End {}

  /** What somebody else made and lends for the start: see {@link LentDescriptor}. */
  record Lent() implements End {}

  /** A descriptor that the command itself names. */
  record LentByName(LentDescriptor descriptor) implements End {}

  /**
   * A descriptor of this process that is open already.
   *
   * @param blocking whether O_NONBLOCK is taken from it
   */
  record Numbered(int number, boolean blocking) implements End {}

  /** A socket of which the child has the other one: we read and write it. */
  record ChannelSocket() implements End {}

  record OutputPipe(Use use, List<OutputTarget> tee) implements End {}

  /** The child's own terminal, on which somebody types. */
  record TerminalInput(Stdin from) implements End {}

  /** The child's own terminal, whose output comes to us as that of a pipe. */
  record TerminalOutput(OutputPipe pipe) implements End {}

  /** The child's own terminal once more. */
  record ToTerminal() implements End {}

  enum Access {
    READ,
    TRUNCATE,
    APPEND
  }

  record Port(int descriptor, End end) {}

  private static final Null NULL = new Null();
  private static final Inherited INHERITED = new Inherited();
  static final Lent LENT = new Lent();
  static final ToNext TO_NEXT = new ToNext();
  static final FromBefore FROM_BEFORE = new FromBefore();
  static final ToTap TO_TAP = new ToTap();
  static final ToTerminal TO_TERMINAL = new ToTerminal();
  static final OutputPipe TO_JAVA = new OutputPipe(Use.STAGE, List.of());
  static final OutputPipe STREAMED = new OutputPipe(Use.STREAM, List.of());
  static final OutputPipe EXCERPT = new OutputPipe(Use.EXCERPT, List.of());

  private Wiring() {}

  /** The ports in ascending order of their numbers; 0, 1 and 2 are always there. */
  static List<Port> of(Settings settings, Mode mode) {
    return of(settings, mode, Map.of());
  }

  /**
   * As {@link #of(Settings, Mode)}, where stdin, stdout or stderr is made by somebody else. What
   * the command itself sends elsewhere goes there nevertheless, as a redirect does in a shell.
   *
   * @param given by descriptor, 0 to 2
   */
  static List<Port> of(Settings settings, Mode mode, Map<Integer, End> given) {
    if (settings.pty != null) {
      return TerminalWiring.of(settings, mode, given);
    }
    List<Port> ports = new ArrayList<>(3 + settings.inputs.size() + settings.outputs.size());
    ports.add(new Port(0, inputOr(given.get(0), settings, mode)));
    ports.add(new Port(1, outputOr(given.get(1), 1, settings, mode)));
    ports.add(new Port(2, outputOr(given.get(2), 2, settings, mode)));
    addFurther(ports, settings, mode);
    return ports;
  }

  /** Adds what the command has above 2. */
  static void addFurther(List<Port> ports, Settings settings, Mode mode) {
    for (int fd = 3; fd <= highest(settings); fd++) {
      Stdin from = settings.inputs.get(fd);
      Output to = settings.outputs.get(fd);
      if (from != null) {
        ports.add(new Port(fd, input(fd, from, mode)));
      } else if (to != null) {
        ports.add(new Port(fd, output(fd, to, mode)));
      }
      Channel channel = settings.channels.get(fd);
      if (channel != null) {
        addChannel(ports, fd, channel, mode);
      }
    }
  }

  private static void addChannel(List<Port> ports, int fd, Channel channel, Mode mode) {
    if (mode != Mode.START) {
      throw new InvalidCommandException(
          "a channel is for start(): in other ways to run there is nobody to talk with");
    }
    switch (channel.kind()) {
      case SOCKET_PAIR -> ports.add(new Port(fd, new ChannelSocket()));
      case PIPE_PAIR -> {
        ports.add(new Port(fd, new InputPipe(Stdin.pipe())));
        ports.add(new Port(channel.last(fd), STREAMED));
      }
    }
  }

  private static End inputOr(@Nullable End given, Settings settings, Mode mode) {
    return given != null && !settings.inputs.containsKey(0)
        ? given
        : input(0, settings.input(0), mode);
  }

  private static End outputOr(@Nullable End given, int descriptor, Settings settings, Mode mode) {
    if (given == null && settings.foreground && isTheTerminals(descriptor, settings, mode)) {
      return INHERITED;
    }
    Output to = settings.output(descriptor);
    if (given != null && to instanceof Output.Standard) {
      return given;
    }
    if (given != null && to instanceof Output.Tee tee) {
      if (given instanceof OutputPipe pipe) {
        return new OutputPipe(pipe.use(), tee.targets());
      }
      throw new InvalidCommandException(
          "descriptor " + descriptor + " does not come through the JVM and cannot be teed");
    }
    return output(descriptor, to, mode);
  }

  /** Whether a child in the foreground has it from us: unless said otherwise, or asked for. */
  private static boolean isTheTerminals(int descriptor, Settings settings, Mode mode) {
    return !settings.outputs.containsKey(descriptor)
        && (descriptor == 2 || (mode != Mode.OUTPUT && mode != Mode.BYTES));
  }

  private static int highest(Settings settings) {
    return Math.max(
        Math.max(last(settings.inputs), last(settings.outputs)), last(settings.channels));
  }

  private static int last(Map<Integer, ?> byNumber) {
    int last = 0;
    for (int number : byNumber.keySet()) { // for each child, and mostly of nothing: no stream
      last = Math.max(last, number);
    }
    return last;
  }

  static void checkExtra(int descriptor, boolean otherDirection) {
    if (descriptor < 3 || descriptor > HIGHEST_EXTRA) {
      throw new InvalidCommandException(
          "a further descriptor is numbered 3 to " + HIGHEST_EXTRA + ", not " + descriptor);
    }
    if (otherDirection) {
      throw new InvalidCommandException(
          "descriptor " + descriptor + " cannot be an input and an output");
    }
  }

  static void checkNoChannel(int descriptor, Settings settings) {
    settings.channels.forEach(
        (first, channel) -> {
          if (first <= descriptor && descriptor <= channel.last(first)) {
            throw new InvalidCommandException(
                "descriptor " + descriptor + " is that of a channel (" + channel + ")");
          }
        });
  }

  /** A channel may take the place of another of the same number. */
  static void checkChannel(int descriptor, Channel channel, Settings settings) {
    for (int number = descriptor; number <= channel.last(descriptor); number++) {
      checkExtra(number, false);
      if (settings.inputs.containsKey(number) || settings.outputs.containsKey(number)) {
        throw new InvalidCommandException(
            "descriptor " + number + " cannot be an input or output and a channel");
      }
      checkNoChannel(number, settings.with(s -> s.channels = without(s.channels, descriptor)));
    }
  }

  private static Map<Integer, Channel> without(Map<Integer, Channel> channels, int descriptor) {
    Map<Integer, Channel> others = new TreeMap<>(channels);
    others.remove(descriptor);
    return others;
  }

  private static End input(int descriptor, Stdin from, Mode mode) {
    if (from instanceof Stdin.Empty) {
      return NULL;
    }
    if (from instanceof Stdin.Inherit) {
      return inherited(descriptor);
    }
    if (from instanceof Stdin.Lent lent) {
      return new LentByName(lent.descriptor());
    }
    if (from instanceof Stdin.Numbered numbered) {
      return new Numbered(numbered.number(), numbered.blocking());
    }
    if (from instanceof Stdin.FromFile file) {
      return new File(file.file(), Access.READ);
    }
    if (from instanceof Stdin.Memory memory) {
      return new Memory(memory);
    }
    checkLive(from, mode);
    return new InputPipe(from);
  }

  static void checkLive(Stdin from, Mode mode) {
    if (from instanceof Stdin.Piped && mode != Mode.START) {
      throw new InvalidCommandException(
          "Stdin.pipe() is for start(): in other ways to run there is nobody who could write");
    }
  }

  static End output(int descriptor, Output to, Mode mode) {
    if (descriptor == 1 && mode == Mode.BYTES && !comesHere(to)) {
      throw new InvalidCommandException("stdout is sent elsewhere and cannot be streamed: " + to);
    }
    if (to instanceof Output.Discard) {
      return NULL;
    }
    if (to instanceof Output.Inherit) {
      return inherited(descriptor);
    }
    if (to instanceof Output.Lent lent) {
      return new LentByName(lent.descriptor());
    }
    if (to instanceof Output.ToFile file) {
      return new File(
          file.file(), file.mode() == Output.Mode.APPEND ? Access.APPEND : Access.TRUNCATE);
    }
    if (to instanceof Output.Merged) {
      if (descriptor != 2) {
        throw new InvalidCommandException("only stderr can go where stdout goes");
      }
      return new SameAsStdout();
    }
    if (to instanceof Output.Tee tee) {
      return new OutputPipe(use(descriptor, mode), tee.targets());
    }
    Use use = use(descriptor, mode);
    return use == Use.DRAIN ? NULL : new OutputPipe(use, List.of());
  }

  private static boolean comesHere(Output to) {
    return to instanceof Output.Standard || to instanceof Output.Tee;
  }

  static Use use(int descriptor, Mode mode) {
    return switch (mode) {
      case EVENTS, START -> Use.STREAM;
      case OUTPUT -> Use.CAPTURE;
      case BYTES -> descriptor == 1 ? Use.STREAM : descriptor == 2 ? Use.EXCERPT : Use.DRAIN;
      case EXIT -> descriptor == 2 ? Use.EXCERPT : Use.DRAIN;
    };
  }

  private static End inherited(int descriptor) {
    if (descriptor > 2) {
      throw new InvalidCommandException("only stdin, stdout and stderr can be inherited");
    }
    return INHERITED;
  }
}
