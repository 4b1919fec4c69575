// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The evidence of one decision in the order it was gathered: some fifty names that are made once
 * for all decisions, with their values. Each decision makes one, and the journal keeps it for some
 * milliseconds, so it is one array instead of an object for each name; to find a name it is gone
 * through. Cannot be changed but by {@link #add}.
 */
final class Evidence extends AbstractMap<String, Object> {
  /** More than most decisions have. */
  private static final int USUAL = 56;

  /** Name, value, name, value. */
  private @Nullable Object[] items = new @Nullable Object[2 * USUAL];

  private int end;

  /** Adds a name that is not there yet. */
  void add(String name, Object value) {
    if (end == items.length) {
      items = Arrays.copyOf(items, 2 * end);
    }
    items[end++] = name;
    items[end++] = value;
  }

  /** Adds names that are not there yet, with their values: name, value, name, value. */
  void addAll(Object[] more) {
    if (end + more.length > items.length) {
      items = Arrays.copyOf(items, 2 * (end + more.length));
    }
    System.arraycopy(more, 0, items, end, more.length);
    end += more.length;
  }

  @Override
  public int size() {
    return end / 2;
  }

  private int find(@Nullable Object name) {
    for (int i = 0; i < end; i += 2) {
      if (name != null && name.equals(items[i])) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public boolean containsKey(@Nullable Object name) {
    return find(name) >= 0;
  }

  @Override
  public @Nullable Object get(@Nullable Object name) {
    int found = find(name);
    return found < 0 ? null : items[found + 1];
  }

  private String name(int at) {
    return (String) java.util.Objects.requireNonNull(items[at]);
  }

  private Object value(int at) {
    return java.util.Objects.requireNonNull(items[at + 1]);
  }

  @Override
  public void forEach(BiConsumer<? super String, ? super Object> action) {
    for (int i = 0; i < end; i += 2) {
      action.accept(name(i), value(i));
    }
  }

  @Override
  public Set<Map.Entry<String, Object>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public int size() {
        return Evidence.this.size();
      }

      @Override
      public Iterator<Map.Entry<String, Object>> iterator() {
        return new Iterator<>() {
          private int at;

          @Override
          public boolean hasNext() {
            return at < end;
          }

          @Override
          public Map.Entry<String, Object> next() {
            if (at >= end) {
              throw new NoSuchElementException();
            }
            at += 2;
            return Map.entry(name(at - 2), value(at - 2));
          }
        };
      }
    };
  }
}
