package org.covidmmar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeedsTest {
  @Test
  void sameNamesGiveTheSameNodeAndDraws() {
    Seeds a = new Seeds(7).child("epoch").child(3).child("case-1");
    Seeds b = new Seeds(7).child("epoch").child(3).child("case-1");
    assertEquals(a, b);
    assertEquals(a.generator().nextLong(), b.generator().nextLong());
  }

  /** The tree is part of what a run promises: a change here changes every model. */
  @Test
  void theTreeStaysAsItIs() {
    Seeds node = new Seeds(0).child("epoch").child(1);
    assertEquals(6053173283918208262L, node.value());
    assertEquals(-9152301856632420759L, node.generator().nextLong());
  }

  @Test
  void otherNamesGiveOtherNodes() {
    Set<Long> values = new HashSet<>();
    for (int seed = 0; seed < 10; seed++) {
      for (int epoch = 0; epoch < 10; epoch++) {
        for (String name : new String[] {"a", "b", "ab", "", "1"}) {
          values.add(new Seeds(seed).child(epoch).child(name).value());
          values.add(new Seeds(seed).child(name).child(epoch).value());
        }
      }
    }
    assertEquals(1000, values.size());
  }

  @Test
  void aNumberIsNotItsDigits() {
    assertNotEquals(new Seeds(0).child(1), new Seeds(0).child("1"));
  }
}
