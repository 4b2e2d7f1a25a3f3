import type { ReactNode } from "react";
import { Link } from "react-router";

import { Button } from "./Button";
import { classes } from "./classes";
import { ErrorNote } from "./ErrorNote";
import { Skeleton } from "./Notes";
import style from "./Table.module.css";

export interface Column<Row> {
  /** Also its key: no two columns have the same. */
  label: string;
  cell: (row: Row) => ReactNode;
  align?: "start" | "end";
  /** Shown to no eye: the column's cells say what they are, such as a menu. */
  isLabelHidden?: boolean;
  /** Makes the header a button. */
  sort?: { direction: "ascending" | "descending" | null; onSort: () => void };
}

/** What `useKeysetList` gives. */
export interface RowsOf<Row> {
  rows: readonly Row[];
  isLoading: boolean;
  error: Error | null;
  retry: () => void;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
}

interface TableProps<Row> {
  label: string;
  list: RowsOf<Row>;
  /** The first one names the row. */
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** Where a press on the row leads. */
  rowLink?: (row: Row) => string;
  /** Shown in place of the table when there is no row: an `EmptyState`. */
  empty: ReactNode;
}

/** A list of the API: loading, failed, empty, or rows, with a button for more; on a phone each row is a card. */
export function Table<Row>({ label, list, columns, rowKey, rowLink, empty }: TableProps<Row>) {
  if (list.error !== null && list.rows.length === 0) return <ErrorNote error={list.error} onRetry={list.retry} />;
  if (list.isLoading) {
    return (
      <div className={classes(style.frame, style.loading)}>
        <Skeleton lines={6} label={`Loading ${label.toLowerCase()}`} />
      </div>
    );
  }
  if (list.rows.length === 0) return empty;
  return (
    <div className={style.frame}>
      <table className={style.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Header key={column.label} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>
          {list.rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.label} scope="row">
                    {rowLink ? (
                      <Link to={rowLink(row)} className={style.row}>
                        {column.cell(row)}
                      </Link>
                    ) : (
                      column.cell(row)
                    )}
                  </th>
                ) : (
                  <td key={column.label} className={classes(column.align === "end" && style.end)} data-name={column.isLabelHidden ? undefined : column.label}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {list.error !== null && <ErrorNote error={list.error} onRetry={list.loadMore} />}
      {list.hasMore && (
        <div className={style.more}>
          <Button kind="quiet" pending={list.isLoadingMore} onClick={list.loadMore}>
            Load more
          </Button>
        </div>
      )}
    </div>
  );
}

function Header<Row>({ column }: { column: Column<Row> }) {
  const sort = column.sort;
  return (
    <th scope="col" className={classes(column.align === "end" && style.end)} aria-sort={sort === undefined ? undefined : (sort.direction ?? "none")}>
      {sort === undefined ? (
        <span className={classes(column.isLabelHidden && "visually-hidden")}>{column.label}</span>
      ) : (
        <button type="button" className={style.sort} onClick={sort.onSort}>
          {column.label} <span aria-hidden>{sort.direction === null ? "↕" : sort.direction === "ascending" ? "↑" : "↓"}</span>
        </button>
      )}
    </th>
  );
}
