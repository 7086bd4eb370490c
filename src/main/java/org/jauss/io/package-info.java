/** Files: parameters of models and checkpoints of runs in the safetensors format, and events for TensorBoard. */
@NullMarked
package org.jauss.io;

import org.jspecify.annotations.NullMarked;
