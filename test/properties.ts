// Runs before each file of tests: what an arbitrary may be long, it becomes. fast-check's own default is ten elements, whatever maxLength says.
import fc from "fast-check";

fc.configureGlobal({ ...fc.readConfigureGlobal(), defaultSizeToMaxWhenMaxSpecified: true });
