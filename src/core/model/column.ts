/**
 * A number for each of many things (entries of a file, groups that speak of a rule, cells of a rule), by their index, where a
 * thing may have none. Nearly all that groups say is one number, a million of them in a large repository: here each is
 * eight bytes, and no object. This file alone knows how "none" is written down.
 */
export class Column {
  private readonly numbers: Float64Array;

  constructor(numbers: Float64Array) {
    this.numbers = numbers;
  }

  /** None anywhere. */
  static empty(length: number): Column {
    return new Column(new Float64Array(length).fill(NONE));
  }

  get length(): number {
    return this.numbers.length;
  }

  isSet(index: number): boolean {
    return index < this.numbers.length && !Number.isNaN(this.numbers[index]);
  }

  /** The number, where one is set. */
  at(index: number): number {
    return this.numbers[index] as number;
  }

  set(index: number, number: number): void {
    this.numbers[index] = number;
  }

  unset(index: number): void {
    this.numbers[index] = NONE;
  }

  /** The first index that has a number; -1: none has. */
  first(): number {
    return this.numbers.findIndex((number) => !Number.isNaN(number));
  }

  /** How many have a number. */
  count(): number {
    let count = 0;
    for (const number of this.numbers) if (!Number.isNaN(number)) count++;
    return count;
  }

  copy(): Column {
    return new Column(this.numbers.slice());
  }
}

const NONE = Number.NaN;
