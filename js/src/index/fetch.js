/** `rnnspec/fetch`: models from the network, for those who have the rest from `rnnspec/run`. */

export { fetchModel } from "../load/fetch.js";
