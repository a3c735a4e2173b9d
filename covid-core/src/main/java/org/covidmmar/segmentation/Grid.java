package org.covidmmar.segmentation;

/**
 * A grid along the axes of the patient: x to the right, y to the front, z to the head. Cell (x, y,
 * z) stands at index x + nx * (y + ny * z).
 *
 * @param dx edge of a cell along x in mm
 */
record Grid(int nx, int ny, int nz, double dx, double dy, double dz) {
  int size() {
    return nx * ny * nz;
  }

  int slice() {
    return nx * ny;
  }

  int x(int index) {
    return index % nx;
  }

  int y(int index) {
    return index / nx % ny;
  }

  int z(int index) {
    return index / (nx * ny);
  }

  /** Volume of a cell. */
  double ml() {
    return dx * dy * dz / 1000;
  }

  /** Volume of a set of cells. */
  double ml(byte[] set) {
    return count(set) * ml();
  }

  static int count(byte[] set) {
    int n = 0;
    for (byte b : set) {
      n += b != 0 ? 1 : 0;
    }
    return n;
  }
}
