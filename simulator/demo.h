/* demo -- two small things that demonstration scripts need and Debian's base has no tool for.
 *
 * Errors   exit status 2 and a complaint.
 */
#ifndef SIMULATOR_DEMO_H
#define SIMULATOR_DEMO_H

int demo_port(void);                                 /* prints a free loopback port */
int demo_get(const char *address, const char *path); /* prints the body of http://ADDRESS PATH */

#endif
