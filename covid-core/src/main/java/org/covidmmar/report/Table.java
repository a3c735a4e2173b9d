package org.covidmmar.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A table of texts.
 *
 * @param folded whether it is shown only when asked for
 * @param sortable whether the reader may sort it by any column
 */
record Table(
    String caption, boolean folded, boolean sortable, List<Column> columns, List<Row> rows) {

  /**
   * A column; numbers stand at the right.
   *
   * @param sorted the order in which the column is, as {@code aria-sort} has it; null for none
   */
  record Column(String name, boolean number, String sorted) {
    static Column text(String name) {
      return new Column(name, false, null);
    }

    static Column number(String name) {
      return new Column(name, true, null);
    }

    Column descending() {
      return new Column(name, number, "descending");
    }
  }

  /**
   * A cell.
   *
   * @param live which figure it shows, so that the page's script can change it; null where it stays
   * @param differs whether it is to be seen as differing from others
   */
  record Cell(String text, boolean number, String live, boolean differs) {}

  /**
   * A line; the first cell names it.
   *
   * @param index of the case that it is about, from 0; null where it is about none
   * @param pictures of what it is about; null for none
   */
  record Row(Cell head, List<Cell> cells, boolean marked, Integer index, Layers pictures) {
    Row about(int caseIndex, Layers picturesOfIt) {
      return new Row(head, cells, marked, caseIndex, picturesOfIt);
    }

    /** The row with the cell of a column, 1 or more, live. */
    Row live(int column, String figure) {
      return with(column, c -> new Cell(c.text(), c.number(), figure, c.differs()));
    }

    /** The row with the cell of a column, 1 or more, seen as differing. */
    Row differing(int column) {
      return with(column, c -> new Cell(c.text(), c.number(), c.live(), true));
    }

    private Row with(int column, UnaryOperator<Cell> change) {
      List<Cell> changed = new ArrayList<>(cells);
      changed.set(column - 1, change.apply(changed.get(column - 1)));
      return new Row(head, changed, marked, index, pictures);
    }
  }

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
      return row(marked, texts, row -> row);
    }

    /**
     * Adds a line.
     *
     * @param change what is made of the line before it is added
     */
    Builder row(boolean marked, List<String> texts, UnaryOperator<Row> change) {
      if (texts.size() != columns.size()) {
        throw new IllegalArgumentException(texts + " for the columns " + columns);
      }
      List<Cell> cells = new ArrayList<>();
      for (int i = 0; i < texts.size(); i++) {
        cells.add(new Cell(texts.get(i), columns.get(i).number(), null, false));
      }
      Row row = new Row(cells.get(0), cells.subList(1, cells.size()), marked, null, null);
      rows.add(change.apply(row));
      return this;
    }

    Table shown() {
      return new Table(caption, false, false, columns, List.copyOf(rows));
    }

    Table folded() {
      return new Table(caption, true, false, columns, List.copyOf(rows));
    }

    Table sortable() {
      return new Table(caption, false, true, columns, List.copyOf(rows));
    }
  }
}
