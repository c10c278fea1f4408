package io.weavemesh.router.edge;

/** The kernel in memory behaves like the real one. */
class FakeKernelTest extends KernelSpecification {

    private final FakeKernel kernel = new FakeKernel();

    @Override
    Kernel kernel() {
        return kernel;
    }
}
