package io.weavemesh.router;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template of Go's {@code text/template} into text and actions, and an action into words. Not what they mean.
 */
final class TemplateScanner {

    /** A part of a template: text as it is, or what is between two braces and two braces, in words. */
    sealed interface Part {
        record Text(String text) implements Part {}

        record Action(List<String> words) implements Part {}
    }

    /** Quoted texts first, since they may contain anything. */
    private static final Pattern WORD = Pattern.compile("\\s*(\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|[()|]|[^\\s()|\"`]+)");

    /** An action ends at the first end mark outside a quoted text; a comment at its own. */
    private static final Pattern ACTION = Pattern.compile(
            "\\{\\{(- )?((?:/\\*.*?\\*/)|(?:\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|(?! -}})(?!}}).)*?)( -)?}}",
            Pattern.DOTALL);

    private TemplateScanner() {}

    /** @throws IllegalArgumentException if an action does not end */
    static List<Part> scan(String template) {
        List<Part> parts = new ArrayList<>();
        Matcher action = ACTION.matcher(template);
        int end = 0;
        boolean trim = false;
        while (action.find()) {
            String text = template.substring(end, action.start());
            text = trim ? text.stripLeading() : text;
            text = action.group(1) != null ? text.stripTrailing() : text;
            addText(parts, text);
            if (!action.group(2).strip().startsWith("/*")) {
                parts.add(new Part.Action(words(action.group(2))));
            }
            trim = action.group(3) != null;
            end = action.end();
        }
        String rest = template.substring(end);
        addText(parts, trim ? rest.stripLeading() : rest);
        return parts;
    }

    private static void addText(List<Part> parts, String text) {
        if (text.contains("{{")) {
            throw new IllegalArgumentException("the template has a '{{' without a '}}' after it: " + text.strip());
        }
        if (!text.isEmpty()) {
            parts.add(new Part.Text(text));
        }
    }

    private static List<String> words(String action) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(action);
        int end = 0;
        while (end < action.length() && word.find(end) && word.start() == end) {
            words.add(word.group(1));
            end = word.end();
        }
        if (!action.substring(end).isBlank()) {
            throw new IllegalArgumentException("the template has a text that does not end: {{" + action + "}}");
        }
        if (words.isEmpty()) {
            throw new IllegalArgumentException("the template has an empty action: {{" + action + "}}");
        }
        return words;
    }
}
