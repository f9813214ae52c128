/* stage_main -- `hjsim stage`: its arguments in, its exit status out. */
#ifndef SIMULATOR_STAGE_MAIN_H
#define SIMULATOR_STAGE_MAIN_H

int stage_main(int argc, char **argv); /* argv[0]: "stage" */

#endif
