import type { RowEncoding } from '#formats/encode-block.ts';
import type { TableAnswer, TableLayout } from '#formats/table-source.ts';
import type { AnswerColumn } from '#tables/column-plan.ts';
import type { DataMember } from '../data-member.ts';

/** How the rows of an answer in JSON are encoded. */
export function rowEncoding({ form }: TableLayout, answer: TableAnswer): RowEncoding {
  return { style: form === 'split' ? 'list' : 'record', columns: columnsOf(answer) };
}

/** The index of the form split stands beside its rows. */
function columnsOf({ columns, index }: TableAnswer): readonly AnswerColumn[] {
  return index === undefined ? columns : columns.slice(1);
}

/** The member `data` as a table in the form that came. */
export function tableMember({ form }: TableLayout, answer: TableAnswer): DataMember {
  const names = JSON.stringify(columnsOf(answer).map(({ name }) => name));
  const index = answer.index === undefined ? '' : `"index":${answer.index},`;
  const isSplit = form === 'split';
  return {
    opening: isSplit ? `{"data":{"columns":${names},${index}"data":[` : '{"data":[',
    text: withoutLastComma(),
    closing: () => (isSplit ? ']}' : ']'),
  };
}

/** Each row ends with a comma, the last one too: it is written before the next rows, if any come. */
function withoutLastComma(): DataMember['text'] {
  let isFirst = true;
  return (piece) => {
    const rows = piece.subarray(0, piece.length - 1);
    if (isFirst) {
      isFirst = false;
      return rows;
    }
    const text = new Uint8Array(piece.length);
    text[0] = piece[piece.length - 1];
    text.set(rows, 1);
    return text;
  };
}
