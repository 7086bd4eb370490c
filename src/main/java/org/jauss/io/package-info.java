/** Files: parameters of models in the safetensors format. */
@NullMarked
package org.jauss.io;

import org.jspecify.annotations.NullMarked;
