/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.bench.socket;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Netty's channel of a Unix socket, with its defaults, on one event loop. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails closes the channel, which is awaited
final class NettySockets implements SocketPeer {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

  private void run(Path partner, Client client) throws Exception {
    Channel channel =
        new Bootstrap()
            .group(group)
            .channel(EpollDomainSocketChannel.class)
            .handler(client)
            .connect(new DomainSocketAddress(partner.toString()))
            .sync()
            .channel();
    channel.closeFuture().sync();
    if (client.failure != null) {
      throw new IllegalStateException(client.failure);
    }
  }

  @Override
  public long receive(Path partner, long bytes) throws Exception {
    Receiver receiver = new Receiver(bytes);
    run(partner, receiver);
    return receiver.count;
  }

  @Override
  public void send(Path partner, long bytes) throws Exception {
    run(partner, new Sender(bytes));
  }

  @Override
  public long[] roundTrips(Path partner, int count) throws Exception {
    Trips trips = new Trips(count);
    run(partner, trips);
    return trips.nanos;
  }

  /** What the three have in common. */
  private abstract static class Client extends ChannelInboundHandlerAdapter {
    volatile @Nullable Throwable failure;

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      failure = cause;
      context.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf chunk = (ByteBuf) message;
      int length = chunk.readableBytes();
      chunk.release();
      read(context, length);
    }

    abstract void read(ChannelHandlerContext context, int length);
  }

  private static final class Receiver extends Client {
    private final long bytes;
    long count;

    Receiver(long bytes) {
      this.bytes = bytes;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.writeAndFlush(Unpooled.wrappedBuffer(SocketPeer.header('S', bytes)));
    }

    @Override
    void read(ChannelHandlerContext context, int length) {
      count += length;
    }
  }

  private static final class Sender extends Client {
    private final ByteBuf chunk = Unpooled.directBuffer(CHUNK).writeZero(CHUNK);
    private final long bytes;
    private long left;

    Sender(long bytes) {
      this.bytes = bytes;
      left = bytes / CHUNK;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.write(Unpooled.wrappedBuffer(SocketPeer.header('K', bytes)));
      fill(context);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      fill(context);
    }

    private void fill(ChannelHandlerContext context) {
      while (left > 0 && context.channel().isWritable()) {
        left--;
        context.write(chunk.retainedDuplicate());
      }
      context.flush();
    }

    @Override
    void read(ChannelHandlerContext context, int length) {
      chunk.release();
      context.close();
    }
  }

  private static final class Trips extends Client {
    final long[] nanos;
    private final ByteBuf content = Unpooled.directBuffer(TRIP).writeZero(TRIP);
    private int trip;
    private int got;
    private long start;

    Trips(int count) {
      nanos = new long[count];
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.write(Unpooled.wrappedBuffer(SocketPeer.header('E', 0)));
      send(context);
    }

    private void send(ChannelHandlerContext context) {
      start = System.nanoTime();
      context.writeAndFlush(content.retainedDuplicate(), context.voidPromise());
    }

    @Override
    void read(ChannelHandlerContext context, int length) {
      got += length;
      if (got < TRIP) {
        return;
      }
      got = 0;
      nanos[trip] = System.nanoTime() - start;
      if (++trip < nanos.length) {
        send(context);
      } else {
        content.release();
        context.close();
      }
    }
  }
}
