package org.covidmmar.io.dicom;

/** A place or a direction in the patient, as DICOM has it: mm, LPS+ (left, back, head). */
record Vector(double x, double y, double z) {
  static Vector of(double[] numbers, int from) {
    return new Vector(numbers[from], numbers[from + 1], numbers[from + 2]);
  }

  Vector plus(Vector other) {
    return new Vector(x + other.x, y + other.y, z + other.z);
  }

  Vector minus(Vector other) {
    return plus(other.times(-1));
  }

  Vector times(double factor) {
    return new Vector(x * factor, y * factor, z * factor);
  }

  double dot(Vector other) {
    return x * other.x + y * other.y + z * other.z;
  }

  Vector cross(Vector other) {
    return new Vector(
        y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x);
  }

  double length() {
    return Math.sqrt(dot(this));
  }
}
