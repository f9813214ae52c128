# Warnings, hardening and sanitizers for everything that is ours.
function(hjhub_flags target)
    target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Werror -Wpedantic -Wformat=2 -Wshadow -Wconversion -Wsign-conversion
        -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings
        -Wswitch-enum -Wundef -Wvla -Wimplicit-fallthrough -Wdouble-promotion
        -fno-strict-aliasing -fno-common -fno-delete-null-pointer-checks -fno-strict-overflow
        -ffp-contract=off -fPIE -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
    target_link_options(${target} PRIVATE -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
    if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
        target_compile_options(${target} PRIVATE -ftrivial-auto-var-init=zero -Wtrampolines)
        if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
            # rep stos starts slowly: clearing a reading by it took longer than judging it.
            target_compile_options(${target} PRIVATE
                -mmemset-strategy=unrolled_loop:256:noalign,libcall:-1:noalign)
        endif()
    endif()
    if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
        # assert(!"this cannot happen") says what cannot.
        target_compile_options(${target} PRIVATE -Wno-string-conversion)
    endif()
    target_link_options(${target} PRIVATE -pie)
    if(HJHUB_SANITIZE STREQUAL "address")
        target_compile_options(${target} PRIVATE -fsanitize=address,undefined
            -fno-sanitize-recover=all)
        target_link_options(${target} PRIVATE -fsanitize=address,undefined)
    elseif(HJHUB_SANITIZE STREQUAL "thread")
        target_compile_options(${target} PRIVATE -fsanitize=thread)
        target_link_options(${target} PRIVATE -fsanitize=thread)
    else()
        target_compile_options(${target} PRIVATE -fstack-protector-strong
            -fstack-clash-protection -fcf-protection=full)
        target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-U_FORTIFY_SOURCE>
            $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
    endif()
    if(HJHUB_FUZZ)
        target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
endfunction()
