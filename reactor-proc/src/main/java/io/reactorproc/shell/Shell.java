/* Copyright the reactor-proc authors. SPDX-License-Identifier: Apache-2.0 */
package io.reactorproc.shell;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A practical part of the POSIX shell's language, without a shell: a line of it becomes commands
 * and pipelines of this library, with no {@code sh} started and nothing to inject.
 *
 * <pre>{@code
 * Flux<String> authors =
 *     Shell.sh("git log --format=%an --since={} -- {} | sort | uniq -c | sort -rn", date, paths)
 *         .directory(repository)
 *         .lines();
 * }</pre>
 *
 * <h2>Values</h2>
 *
 * <p>Each <code>{}</code> takes the next value, and is never read as a part of the script: whatever
 * is in the value arrives at the program byte by byte, not split, not expanded, no glob. How many
 * there are is checked, and what they are:
 *
 * <table>
 * <caption>What a value may be</caption>
 * <tr><th>value<th>as a word: <code>{}</code><th>in a word or in double quotes<th>behind {@code <}
 *     <th>behind {@code >}
 * <tr><td>text, number, boolean, enum, path, URI, date, duration<td>one argument, its {@code
 *     toString}<td>that text<td>that file<td>that file
 * <tr><td>{@code Collection} or array of these<td>one argument each, perhaps none<td>error<td>error
 *     <td>error
 * <tr><td>{@code Stdin}; {@code Publisher} of {@code ByteBuf}, {@code byte[]} or text; {@code
 *     InputStream}; {@code byte[]}<td>error<td>error<td>those bytes<td>error
 * <tr><td>{@code Output}<td>error<td>error<td>error<td>there
 * </table>
 *
 * <p>In single quotes, and as <code>\{}</code>, it is those two characters: <code>
 * find . -exec wc -l '{}' +</code>. A value that begins with a dash is an option for most programs
 * like any other: write {@code --} before <code>{}</code> where it should not be.
 *
 * <h2>What there is</h2>
 *
 * <pre>{@code
 * script     : and_or ((';' | newline) and_or)* [';']        the status is the last one's
 * and_or     : pipeline (('&&' | '||') pipeline)*            left to right
 * pipeline   : ['!'] stage (('|' | '|&') stage)*             |& is 2>&1 |
 * stage      : (command | '{' script ';' '}' | '(' script ')') redirect*
 * command    : (NAME=word | redirect)* word (word | redirect)*
 * redirect   : [0]< word    [1]> word    [1]>> word    2> word    2>> word    >| word
 *            | 2>&1    >&2    &> word    &>> word    <<< word
 * word       : text 'text' "text" \c $'text' $NAME ${...} {} ~ * ? [...]
 * }</pre>
 *
 * <ul>
 *   <li>Quotes, escapes, comments and joined lines are POSIX'; {@code $'...'} is, too, since 2024
 *       (with {@code \n \t \\ \' \" \a \b \e \f \r \v \x41 \101}, and {@code \}{@code u00e9}).
 *   <li>{@code $NAME}, <code>${NAME}</code>, <code>${#NAME}</code>, <code>${NAME-word}</code> and,
 *       with {@code :-}, {@code +} or {@code :+} for {@code -}, are what {@link Script#env} and the
 *       JVM's environment say; a variable that is not set is empty. Outside of double quotes the
 *       value is split at blanks and looked at for globs, as a shell does. {@code IFS} is not read.
 *   <li>{@code ~} and {@code ~/...} are {@code HOME}.
 *   <li>Globs are replaced by the names of files when their command is reached, sorted by bytes;
 *       one that matches nothing stays as it is. {@code .} and {@code ..} are never matched.
 *   <li>Redirects apply from left to right. {@code |&}, {@code &>} and {@code <<<} are as in bash.
 *   <li>{@code ( ... )} and <code>{ ...; }</code> are the same, as nothing can be changed in them.
 *   <li>A program that is not found has the status 127, one that cannot be executed 126, and a
 *       command of which a file cannot be opened 2, each with a line on stderr; what follows goes
 *       on.
 *   <li>A pipeline of commands is a {@code Pipeline}, in one process group. Where a stage is a
 *       group, or redirects what is joined, or is not found while the others run nevertheless, each
 *       stage has a process group of its own.
 * </ul>
 *
 * <p>{@code echo}, {@code printf}, {@code test}, {@code [}, {@code true}, {@code false}, {@code
 * pwd} and {@code kill} are the programs of these names. {@code echo} knows no escapes then: use
 * {@code printf}. {@code :} is {@code true}.
 *
 * <h2>What there is not</h2>
 *
 * <p>is a {@link ShellSyntaxException} that tells line, column and what to use.
 *
 * <table>
 * <caption>What is not supported</caption>
 * <tr><th>in a shell<th>here
 * <tr><td>{@code $(...)}, backquotes<td>run that first, {@code text()}, and give it as a value
 * <tr><td>{@code $((...))}, {@code ((...))}, {@code let}<td>calculate in Java, give the number
 * <tr><td>{@code $1 $@ $# $? $$ $!}<td>a value; the status is in the result
 * <tr><td><code>${N#...} ${N%...} ${N/...} ${N:=...} ${N:?...}</code><td>the same in Java
 * <tr><td>{@code if}, {@code case}, {@code [[}<td>{@code &&} and {@code ||}, {@code [}, or Java
 * <tr><td>{@code for}, {@code while}, {@code until}<td>{@code Flux.concatMap}, or {@code xargs}
 * <tr><td>functions, {@code alias}<td>methods
 * <tr><td>{@code &}, {@code wait}, {@code jobs}<td>subscribe to several: {@code Mono.zip}
 * <tr><td>{@code <<} here-documents<td>{@code <<<}, or <code>&lt; {}</code> with {@code Stdin.text}
 * <tr><td>{@code <(...)}, {@code >(...)}<td>a pipe, or a file
 * <tr><td>arrays<td>a {@code Collection} for <code>{}</code>
 * <tr><td>{@code NAME=value} by itself, {@code export}, {@code unset}<td>{@link Script#env}, {@link
 *     Script#withoutEnv}
 * <tr><td>{@code cd}<td>{@link Script#directory}
 * <tr><td>{@code exit}, {@code return}, {@code set -e}<td>{@code &&}, {@code ||}, {@code sh -c
 *     'exit N'}
 * <tr><td>{@code read}<td>{@link Script#lines}
 * <tr><td>{@code trap}, {@code ulimit}, {@code umask}, {@code exec}, {@code eval}, {@code source}
 *     <td>see the message
 * <tr><td>{@code 3>}, {@code <&}, {@code >&-}, {@code <>}<td>{@code Command.output} and {@code input}
 * <tr><td>{@code ~user}, {@code {a,b}}, {@code **}<td>a value; the last two are plain text and
 *     {@code *}, as in {@code sh}
 * </table>
 */
public final class Shell {
  private static final Pattern NEEDS_NO_QUOTES = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private Shell() {}

  /**
   * Reads a script. Nothing is started: that is the business of the methods of {@link Script}.
   *
   * @param values for each <code>{}</code> of the script, in their order. Collections and texts are
   *     copied here; a {@code Publisher} is subscribed at each run; an {@code InputStream} is read
   *     and closed by the first run and good for no other
   * @throws ShellSyntaxException if the script cannot be read, has what there is not, or does not
   *     fit the values
   */
  public static Script sh(String script, @Nullable Object... values) {
    return new Script(Parsed.of(script, values), new ScriptSettings());
  }

  /**
   * This text as one word of a script, in quotes where it needs some; any POSIX shell reads it the
   * same way. Seldom needed: a value for <code>{}</code> is never read as a part of the script.
   *
   * @throws IllegalArgumentException if it holds a NUL character, which no argument can
   */
  public static String quote(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("an argument cannot hold a NUL character");
    }
    return NEEDS_NO_QUOTES.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
