/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.guard;

/**
 * The guard: POSIX shell, builtins alone until the JVM is gone, and no process more for the killing
 * either. Stdin is the life pipe, of which the JVM has the only other end. A line is one of
 *
 * <pre>
 *   PID         a child that leads the group of its number
 *   PID GROUP   a child in another group, or in none of ours where that is 0
 *   -PID        it is about to be reaped
 *   /PATH       a cgroup of which all is to be killed
 *   .           all is well, go
 * </pre>
 *
 * <p>At the end of file the JVM is gone. A number in the list was not reaped by then, so it is the
 * child's or, since a moment, whoever's got it next: whatever began later than that is left alone,
 * by the start time in {@code /proc/PID/stat}. Where the leader is gone and nobody has its number,
 * the group's number is free or still that of its members.
 */
final class GuardScript {
  static final String TEXT =
      """
      exec >&- 2>&-
      trap '' HUP INT QUIT TERM PIPE ALRM USR1 USR2 TSTP TTIN TTOU
      set -f
      all= listed=0 live=0 bases=0
      while IFS= read -r line; do
        case $line in
        -*)
          unset "g${line#-}"
          live=$((live - 1)) ;;
        /*)
          bases=$((bases + 1))
          eval "b$bases=\\$line" ;;
        .)
          exit 0 ;;
        *)
          pid=${line% *}
          eval "g$pid=${line#* }"
          all="$all $pid" listed=$((listed + 1)) live=$((live + 1))
          if [ $listed -gt $((live * 2 + 512)) ]; then
            kept= listed=0
            for pid in $all; do
              eval "group=\\${g$pid-}"
              if [ "$group" ]; then kept="$kept $pid" listed=$((listed + 1)); fi
            done
            all=$kept
          fi ;;
        esac
      done

      read -r up idle < /proc/uptime
      now=${up%.*}${up#*.}
      n=0
      while [ $n -lt $bases ]; do
        n=$((n + 1))
        eval "base=\\$b$n"
        echo 1 > "$base/cgroup.kill"
      done
      for pid in $all; do
        eval "group=\\${g$pid-}"
        [ "$group" ] || continue
        stat=
        while IFS= read -r part; do stat="$stat $part"; done < "/proc/$pid/stat"
        if [ "$stat" ]; then
          set -- ${stat##*) }
          [ "${20}" -le "$now" ] || continue
          if [ "$group" != 0 ] && { [ "$3" = "$group" ] || [ "$pid" = "$group" ]; }; then
            kill -s KILL -- "-$group"
          fi
          [ "$3" = "$group" ] || kill -s KILL "$pid"
        elif [ "$group" != 0 ] && ! [ -e "/proc/$group" ]; then
          kill -s KILL -- "-$group"
        fi
      done
      n=0
      while [ $n -lt $bases ]; do
        n=$((n + 1)) tries=0
        eval "base=\\$b$n"
        while [ -d "$base" ] && [ $tries -lt 500 ]; do
          tries=$((tries + 1))
          echo 1 > "$base/cgroup.kill"
          find "$base" -depth -type d -exec rmdir {} + > /dev/null 2>&1
          [ -d "$base" ] && sleep 0.01
        done
      done
      """;

  private GuardScript() {}
}
