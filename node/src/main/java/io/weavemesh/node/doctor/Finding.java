package io.weavemesh.node.doctor;

import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one check found, in one line.
 *
 * @param subject what was looked at, in one word
 * @param text what was found
 * @param fix what to do about it; empty if there is nothing to do
 */
public record Finding(Level level, String subject, String text, String fix) {

    /** How bad it is. */
    public enum Level {
        /** As it should be. */
        OK("ok"),
        /** Works, but somebody should know; or could not be looked at. */
        NOTE("note"),
        /** Does not work, or will not in some situation. */
        PROBLEM("PROBLEM");

        private final String word;

        Level(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    static Finding ok(String subject, String text) {
        return new Finding(Level.OK, subject, text, "");
    }

    static Finding note(String subject, String text, String fix) {
        return new Finding(Level.NOTE, subject, text, fix);
    }

    static Finding problem(String subject, String text, String fix) {
        return new Finding(Level.PROBLEM, subject, text, fix);
    }

    /** The same as a JSON object in one line. */
    public String json() {
        return JsonMapper.shared()
                .createObjectNode()
                .put("level", level.name().toLowerCase(Locale.ROOT))
                .put("subject", subject)
                .put("text", text)
                .put("fix", fix)
                .toString();
    }

    /** The line: level, subject, what was found, and behind an arrow what to do. */
    public String line() {
        String found = "%-8s %-10s %s".formatted(level.word(), subject, text);
        return fix.isEmpty() ? found : found + " -> " + fix;
    }
}
