package io.weavemesh.contract;

import java.util.Optional;

/** Questions to the origin of a part of an owned table. */
public sealed interface TableRequest<R extends Reply> extends Request<R> {

    /**
     * Asks for one page of the origin's part.
     *
     * @param after the last key of the page before, nothing for the first page
     */
    record PullTable(Optional<String> after) implements TableRequest<TableReply.TablePage> {}
}
