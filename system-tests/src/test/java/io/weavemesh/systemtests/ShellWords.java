package io.weavemesh.systemtests;

import java.util.ArrayList;
import java.util.List;

/**
 * The commands of a line of shell, as lists of words: as much of the shell's grammar (POSIX, XCU s2) as documentation uses.
 * Quotes, {@code $(…)}, pipes, lists and redirections; no here-documents, no loops over several lines.
 */
final class ShellWords {

    private final String line;
    private final List<List<String>> commands = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private List<String> words = new ArrayList<>();
    private boolean inWord;
    private int at;

    private ShellWords(String line) {
        this.line = line;
    }

    /** Each command, those within {@code $(…)} before the one they are for; there they count as the word {@code 192.0.2.1}. */
    static List<List<String>> commands(String line) {
        ShellWords parsed = new ShellWords(line);
        parsed.read();
        return parsed.commands;
    }

    private void read() {
        while (at < line.length()) {
            char c = line.charAt(at);
            switch (c) {
                case ' ', '\t' -> {
                    endOfWord();
                    at++;
                }
                case '|', '&', ';', '\n' -> {
                    endOfCommand();
                    at++;
                }
                case '#' -> comment();
                case '\'', '"' -> quoted(c);
                case '$' -> dollar();
                case '>', '<' -> redirection();
                case '\\' -> {
                    take(at + 1 < line.length() ? line.charAt(at + 1) : ' ');
                    at += 2;
                }
                default -> {
                    take(c);
                    at++;
                }
            }
        }
        endOfCommand();
    }

    private void comment() {
        if (inWord) {
            take('#');
            at++;
        } else {
            at = line.length();
        }
    }

    private void quoted(char quote) {
        int end = line.indexOf(quote, at + 1);
        if (end < 0) {
            throw new IllegalArgumentException("a quote is not closed: " + line);
        }
        inWord = true;
        word.append(line, at + 1, end);
        at = end + 1;
    }

    private void dollar() {
        if (!line.startsWith("$(", at)) {
            take('$');
            at++;
            return;
        }
        int depth = 0;
        int end = at + 1;
        do {
            depth += switch (line.charAt(end)) {
                case '(' -> 1;
                case ')' -> -1;
                default -> 0;
            };
            end++;
        } while (depth > 0 && end < line.length());
        if (depth > 0) {
            throw new IllegalArgumentException("a parenthesis is not closed: " + line);
        }
        commands.addAll(commands(line.substring(at + 2, end - 1)));
        inWord = true;
        word.append("192.0.2.1");
        at = end;
    }

    /** With the file it names, and the number before it. */
    private void redirection() {
        if (word.chars().allMatch(Character::isDigit)) {
            word.setLength(0);
            inWord = false;
        }
        endOfWord();
        while (at < line.length() && "<>&".indexOf(line.charAt(at)) >= 0) {
            at++;
        }
        while (at < line.length() && line.charAt(at) == ' ') {
            at++;
        }
        while (at < line.length() && " |&;".indexOf(line.charAt(at)) < 0) {
            at++;
        }
    }

    private void take(char c) {
        inWord = true;
        word.append(c);
    }

    private void endOfWord() {
        if (inWord) {
            words.add(word.toString());
            word.setLength(0);
            inWord = false;
        }
    }

    private void endOfCommand() {
        endOfWord();
        if (!words.isEmpty()) {
            commands.add(List.copyOf(words));
            words = new ArrayList<>();
        }
    }
}
