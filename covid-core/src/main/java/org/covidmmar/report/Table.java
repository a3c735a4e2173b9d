package org.covidmmar.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A table of texts.
 *
 * @param folded whether it is shown only when asked for
 */
record Table(String caption, boolean folded, List<Column> columns, List<Row> rows) {

  /** A column; numbers stand at the right. */
  record Column(String name, boolean number) {
    static Column text(String name) {
      return new Column(name, false);
    }

    static Column number(String name) {
      return new Column(name, true);
    }
  }

  record Cell(String text, boolean number) {}

  /** A line; the first cell names it. */
  record Row(Cell head, List<Cell> cells, boolean marked) {}

  /** Makes a table line by line. */
  static final class Builder {
    private final String caption;
    private final List<Column> columns;
    private final List<Row> rows = new ArrayList<>();

    Builder(String caption, List<Column> columns) {
      this.caption = caption;
      this.columns = List.copyOf(columns);
    }

    Builder row(String... texts) {
      return row(false, List.of(texts));
    }

    Builder row(boolean marked, List<String> texts) {
      if (texts.size() != columns.size()) {
        throw new IllegalArgumentException(texts + " for the columns " + columns);
      }
      List<Cell> cells = new ArrayList<>();
      for (int i = 0; i < texts.size(); i++) {
        cells.add(new Cell(texts.get(i), columns.get(i).number()));
      }
      rows.add(new Row(cells.get(0), cells.subList(1, cells.size()), marked));
      return this;
    }

    Table shown() {
      return new Table(caption, false, columns, List.copyOf(rows));
    }

    Table folded() {
      return new Table(caption, true, columns, List.copyOf(rows));
    }
  }
}
