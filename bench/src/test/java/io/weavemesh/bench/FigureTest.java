package io.weavemesh.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weavemesh.bench.Figure.Bound;
import java.util.List;
import org.junit.jupiter.api.Test;

class FigureTest {

    @Test
    void aPromiseIsKeptByTheMedianUpToItsBound() {
        assertThat(Figure.atMost(2, "a", "ms", List.of(9.0, 2.0, 1.0)).kept()).isTrue();
        assertThat(Figure.atMost(2, "a", "ms", List.of(9.0, 2.1, 1.0)).kept()).isFalse();
        assertThat(Figure.atLeast(2, "a", "1/s", List.of(1.0, 3.0)).kept()).isTrue();
        assertThat(Figure.atLeast(2, "a", "1/s", List.of(1.0, 2.9)).kept()).isFalse();
    }

    @Test
    void aPromiseBesideAnotherIsAboutTheMedianOfTheRatiosOfNeighbours() {
        Figure figure = Figure.beside("x", List.of(1.0, 10.0, 100.0), "a", "", List.of(2.0, 15.0, 400.0));
        assertThat(figure.median()).isEqualTo(15);
        assertThat(figure.ratio()).contains(2.0);
        assertThat(figure.promising(Bound.AT_LEAST, 2).kept()).isTrue();
        assertThat(figure.promising(Bound.AT_LEAST, 2.1).kept()).isFalse();
    }

    @Test
    void whatWasNotMeasuredIsNoFigure() {
        assertThatThrownBy(() -> Figure.unpromised("a", "", List.of()))
                .hasMessageContaining("nothing was measured of 'a'");
        assertThatThrownBy(() -> Figure.beside("x", List.of(1.0), "a", "", List.of(1.0, 2.0)))
                .hasMessageContaining("2 samples are no pairs with 1");
    }
}
